/** The part of undici that is used: the rest, which is most of it, is not loaded. */
declare module 'undici/lib/dispatcher/agent.js' {
  export { Agent as default } from 'undici';
}
