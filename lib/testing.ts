/** The other end, for tests: mock servers, scripts, faults and bad weather. */
export type { Attributed, GopherFixture, Menu, MenuLine, Served } from './gopher/fixture.ts';
export { GopherMockServer } from './gopher/mock-server.ts';
export type {
  HttpContent,
  HttpFixture,
  HttpHandler,
  HttpInformation,
  HttpRaw,
  HttpReply,
  HttpRepresentation,
  HttpRoutes,
  HttpSeen,
  HttpServed,
} from './http/fixture.ts';
export { folderFixture as httpFolder } from './http/folder.ts';
export { type HttpMockOptions, HttpMockServer } from './http/mock-server.ts';
export type { DigestAlgorithm } from './http/server/digest-guard.ts';
export { type GuardOptions as HttpGuardOptions, guard as httpGuard } from './http/server/guard.ts';
export type { RequestMatch } from './http/server/records.ts';
export { type WireFault as HttpWireFault, wireFaults as httpWireFaults } from './http/server/wire-faults.ts';
export { xmlRpcRoute } from './http/server/xmlrpc-route.ts';
export { type Certificate, type CertificateOptions, certificate, createAuthority } from './mock/certificate.ts';
export { type Fault, FaultPlan, type Planned } from './mock/faults.ts';
export {
  ScriptedClient,
  ScriptedServer,
  type ScriptedServerOptions,
} from './mock/script.ts';
export {
  type Answer,
  type LineMatch,
  type MockKind,
  type MockOptions,
  MockServer,
  type Said,
  Session,
  type SessionParts,
  serveCommands,
  type WaitOptions,
} from './mock/server.ts';
export { type Cut, Tamper, type Weather } from './mock/tamper.ts';
export { Transcript, type TranscriptLine } from './net/transcript.ts';
export type { ArticleSource, GroupFixture, GroupStatusFlag, Kept as KeptArticle, NntpFixture } from './nntp/fixture.ts';
export { type NewsArticle, type NntpMockOptions, NntpMockServer } from './nntp/mock-server.ts';
export type { KeptMessage, Message as Pop3Message, Pop3Fixture, Pop3User, Spool } from './pop3/fixture.ts';
export { type Pop3MockOptions, Pop3MockServer } from './pop3/mock-server.ts';
export type { Pop3Login } from './pop3/server/accounts.ts';
export type { Capabilities as Pop3Capabilities, Profile as Pop3Profile } from './pop3/server/capabilities.ts';
export type {
  Answered,
  LoginWords,
  TelnetCommand,
  TelnetFixture,
  TelnetHandler,
  TelnetScript,
} from './telnet/fixture.ts';
export { type TelnetMockOptions, TelnetMockServer } from './telnet/mock-server.ts';
export type { TelnetSession } from './telnet/server/session.ts';
