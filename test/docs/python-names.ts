/** The public names of modules of Python 3.11. */

/** The numbers of `telnetlib`: commands, and options. */
export const CONSTANTS = `
  IAC DONT DO WONT WILL SE NOP DM BRK IP AO AYT EC EL GA SB
  BINARY ECHO RCP SGA NAMS STATUS TM RCTE NAOL NAOP NAOCRD NAOHTS NAOHTD NAOFFD NAOVTS NAOVTD NAOLFD XASCII LOGOUT BM DET
  SUPDUP SUPDUPOUTPUT SNDLOC TTYPE EOR TUID OUTMRK TTYLOC VT3270REGIME X3PAD NAWS TSPEED LFLOW LINEMODE XDISPLOC
  OLD_ENVIRON AUTHENTICATION ENCRYPT NEW_ENVIRON TN3270E XAUTH CHARSET RSP COM_PORT_OPTION SUPPRESS_LOCAL_ECHO TLS KERMIT
  SEND_URL FORWARD_X PRAGMA_LOGON SSPI_LOGON PRAGMA_HEARTBEAT EXOPL`;

/** The statuses that `http.client` has as names: those that are the same today, and those that have another name now. */
export const STATUSES = `
  CONTINUE SWITCHING_PROTOCOLS PROCESSING EARLY_HINTS OK CREATED ACCEPTED NON_AUTHORITATIVE_INFORMATION NO_CONTENT
  RESET_CONTENT PARTIAL_CONTENT MULTI_STATUS ALREADY_REPORTED IM_USED MULTIPLE_CHOICES MOVED_PERMANENTLY FOUND
  SEE_OTHER NOT_MODIFIED USE_PROXY TEMPORARY_REDIRECT PERMANENT_REDIRECT BAD_REQUEST UNAUTHORIZED PAYMENT_REQUIRED
  FORBIDDEN NOT_FOUND METHOD_NOT_ALLOWED NOT_ACCEPTABLE PROXY_AUTHENTICATION_REQUIRED REQUEST_TIMEOUT CONFLICT GONE
  LENGTH_REQUIRED PRECONDITION_FAILED UNSUPPORTED_MEDIA_TYPE EXPECTATION_FAILED IM_A_TEAPOT MISDIRECTED_REQUEST LOCKED
  FAILED_DEPENDENCY TOO_EARLY UPGRADE_REQUIRED PRECONDITION_REQUIRED TOO_MANY_REQUESTS REQUEST_HEADER_FIELDS_TOO_LARGE
  UNAVAILABLE_FOR_LEGAL_REASONS INTERNAL_SERVER_ERROR NOT_IMPLEMENTED BAD_GATEWAY SERVICE_UNAVAILABLE GATEWAY_TIMEOUT
  HTTP_VERSION_NOT_SUPPORTED VARIANT_ALSO_NEGOTIATES INSUFFICIENT_STORAGE LOOP_DETECTED NOT_EXTENDED
  NETWORK_AUTHENTICATION_REQUIRED`;
const OLD_STATUSES =
  'REQUEST_ENTITY_TOO_LARGE REQUEST_URI_TOO_LONG REQUESTED_RANGE_NOT_SATISFIABLE UNPROCESSABLE_ENTITY';

/** What a handler has for both schemes. */
const BOTH = 'http_request http_response https_request https_response';

function membersOf(owner: string, members: string): string {
  return members.replace(/\w+/g, `${owner}.$&`);
}

/** The public names of the modules of Python 3.11, what their objects have as attributes among them. */
export const NAMES: Readonly<Record<string, string>> = {
  poplib: `
    POP3 POP3_SSL error_proto POP3_PORT POP3_SSL_PORT HAVE_SSL
    POP3.apop POP3.capa POP3.close POP3.dele POP3.encoding POP3.getwelcome POP3.list POP3.noop POP3.pass_ POP3.quit
    POP3.retr POP3.rpop POP3.rset POP3.set_debuglevel POP3.stat POP3.stls POP3.timestamp POP3.top POP3.uidl POP3.user
    POP3.utf8 POP3.host POP3.port POP3.sock POP3.file POP3.welcome
    POP3_SSL.context POP3_SSL.certfile POP3_SSL.keyfile`,
  nntplib: `
    NNTP NNTP_SSL NNTPError NNTPReplyError NNTPTemporaryError NNTPPermanentError NNTPProtocolError NNTPDataError
    decode_header NNTP_PORT NNTP_SSL_PORT
    GroupInfo GroupInfo.group GroupInfo.last GroupInfo.first GroupInfo.flag
    ArticleInfo ArticleInfo.number ArticleInfo.message_id ArticleInfo.lines
    NNTP.article NNTP.body NNTP.capabilities NNTP.date NNTP.debug NNTP.description NNTP.descriptions NNTP.encoding
    NNTP.errors NNTP.getcapabilities NNTP.getwelcome NNTP.group NNTP.head NNTP.help NNTP.ihave NNTP.last NNTP.list
    NNTP.login NNTP.newgroups NNTP.newnews NNTP.next NNTP.over NNTP.post NNTP.quit NNTP.set_debuglevel NNTP.slave
    NNTP.starttls NNTP.stat NNTP.xhdr NNTP.xover
    NNTP.host NNTP.port NNTP.sock NNTP.file NNTP.welcome NNTP.authenticated NNTP.tls_on NNTP.debugging
    NNTP.nntp_version NNTP.nntp_implementation NNTP.readermode_afterauth`,
  telnetlib: `
    Telnet TELNET_PORT DEBUGLEVEL NOOPT theNULL test ${CONSTANTS}
    Telnet.close Telnet.expect Telnet.fileno Telnet.fill_rawq Telnet.get_socket Telnet.interact Telnet.listener Telnet.msg
    Telnet.mt_interact Telnet.open Telnet.process_rawq Telnet.rawq_getchar Telnet.read_all Telnet.read_eager
    Telnet.read_lazy Telnet.read_sb_data Telnet.read_some Telnet.read_until Telnet.read_very_eager Telnet.read_very_lazy
    Telnet.set_debuglevel Telnet.set_option_negotiation_callback Telnet.sock_avail Telnet.write
    Telnet.host Telnet.port Telnet.timeout Telnet.sock Telnet.rawq Telnet.irawq Telnet.cookedq Telnet.eof Telnet.iacseq
    Telnet.sb Telnet.sbdataq Telnet.option_callback Telnet.debuglevel`,
  'http.client': `
    HTTPConnection HTTPSConnection HTTPResponse HTTPMessage HTTP_PORT HTTPS_PORT responses parse_headers error
    HTTPConnection.auto_open HTTPConnection.blocksize HTTPConnection.close HTTPConnection.connect
    HTTPConnection.debuglevel HTTPConnection.default_port HTTPConnection.endheaders HTTPConnection.getresponse
    HTTPConnection.host HTTPConnection.port HTTPConnection.putheader HTTPConnection.putrequest HTTPConnection.request
    HTTPConnection.response_class HTTPConnection.send HTTPConnection.set_debuglevel HTTPConnection.set_tunnel
    HTTPConnection.sock HTTPConnection.source_address HTTPConnection.timeout
    HTTPSConnection.cert_file HTTPSConnection.connect HTTPSConnection.default_port HTTPSConnection.key_file
    HTTPResponse.begin HTTPResponse.chunk_left HTTPResponse.chunked HTTPResponse.close HTTPResponse.closed
    HTTPResponse.debuglevel HTTPResponse.fileno HTTPResponse.flush HTTPResponse.fp HTTPResponse.getcode
    HTTPResponse.getheader HTTPResponse.getheaders HTTPResponse.geturl HTTPResponse.headers HTTPResponse.info
    HTTPResponse.isclosed HTTPResponse.length HTTPResponse.msg HTTPResponse.peek HTTPResponse.read HTTPResponse.read1
    HTTPResponse.readable HTTPResponse.readinto HTTPResponse.readline HTTPResponse.reason HTTPResponse.status
    HTTPResponse.url HTTPResponse.version HTTPResponse.will_close HTTPMessage.getallmatchingheaders
    HTTPException NotConnected InvalidURL UnknownProtocol UnknownTransferEncoding UnimplementedFileMode IncompleteRead
    IncompleteRead.partial IncompleteRead.expected ImproperConnectionState CannotSendRequest CannotSendHeader
    ResponseNotReady BadStatusLine BadStatusLine.line LineTooLong RemoteDisconnected ${STATUSES} ${OLD_STATUSES}`,
  http: 'HTTPStatus HTTPStatus.phrase HTTPStatus.description HTTPMethod HTTPMethod.description',
  'urllib.request': `
    urlopen urlretrieve urlcleanup install_opener build_opener OpenerDirector OpenerDirector.add_handler
    OpenerDirector.addheaders OpenerDirector.close OpenerDirector.error OpenerDirector.open
    BaseHandler BaseHandler.add_parent BaseHandler.close BaseHandler.handler_order BaseHandler.parent
    Request Request.add_header Request.add_unredirected_header Request.data Request.full_url Request.get_full_url
    Request.get_header Request.get_method Request.has_header Request.has_proxy Request.header_items Request.headers
    Request.host Request.method Request.origin_req_host Request.remove_header Request.selector Request.set_proxy
    Request.type Request.unredirected_hdrs Request.unverifiable
    HTTPRedirectHandler ${membersOf('HTTPRedirectHandler', 'http_error_301 http_error_302 http_error_303 http_error_307')}
    ${membersOf('HTTPRedirectHandler', 'http_error_308 inf_msg max_redirections max_repeats redirect_request')}
    HTTPErrorProcessor ${membersOf('HTTPErrorProcessor', 'handler_order http_response https_response')}
    HTTPDefaultErrorHandler HTTPDefaultErrorHandler.http_error_default
    HTTPCookieProcessor ${membersOf('HTTPCookieProcessor', `cookiejar ${BOTH}`)}
    ProxyHandler ProxyHandler.handler_order ProxyHandler.proxies ProxyHandler.proxy_open
    getproxies getproxies_environment proxy_bypass proxy_bypass_environment
    HTTPPasswordMgr ${membersOf('HTTPPasswordMgr', 'add_password find_user_password is_suburi reduce_uri')}
    HTTPPasswordMgrWithDefaultRealm HTTPPasswordMgrWithDefaultRealm.find_user_password
    HTTPPasswordMgrWithPriorAuth
    ${membersOf('HTTPPasswordMgrWithPriorAuth', 'add_password is_authenticated update_authenticated')}
    AbstractBasicAuthHandler
    ${membersOf('AbstractBasicAuthHandler', `rx http_error_auth_reqed retry_http_basic_auth ${BOTH}`)}
    HTTPBasicAuthHandler HTTPBasicAuthHandler.auth_header HTTPBasicAuthHandler.http_error_401
    ProxyBasicAuthHandler ProxyBasicAuthHandler.auth_header ProxyBasicAuthHandler.http_error_407
    AbstractDigestAuthHandler
    ${membersOf('AbstractDigestAuthHandler', 'get_algorithm_impls get_authorization get_cnonce get_entity_digest')}
    ${membersOf('AbstractDigestAuthHandler', 'http_error_auth_reqed reset_retry_count retry_http_digest_auth')}
    HTTPDigestAuthHandler ${membersOf('HTTPDigestAuthHandler', 'auth_header handler_order http_error_401')}
    ProxyDigestAuthHandler ${membersOf('ProxyDigestAuthHandler', 'auth_header handler_order http_error_407')}
    AbstractHTTPHandler ${membersOf('AbstractHTTPHandler', 'do_open do_request_ set_http_debuglevel')}
    HTTPHandler HTTPHandler.http_open HTTPHandler.http_request HTTPSHandler HTTPSHandler.https_open
    HTTPSHandler.https_request FileHandler ${membersOf('FileHandler', 'file_open get_names names open_local_file')}
    DataHandler DataHandler.data_open FTPHandler FTPHandler.connect_ftp FTPHandler.ftp_open CacheFTPHandler
    ${membersOf('CacheFTPHandler', 'check_cache clear_cache connect_ftp setMaxConns setTimeout')}
    ftpwrapper ftperrors ftpcache MAXFTPCACHE UnknownHandler UnknownHandler.unknown_open parse_http_list
    parse_keqv_list pathname2url url2pathname URLopener FancyURLopener localhost thishost noheaders request_host`,
  'urllib.error': `
    URLError URLError.reason URLError.filename HTTPError HTTPError.code HTTPError.reason HTTPError.headers HTTPError.fp
    HTTPError.msg HTTPError.hdrs ContentTooShortError ContentTooShortError.content`,
  'urllib.response': `
    addbase addclosehook addclosehook.close addinfo addinfo.info addinfourl addinfourl.info addinfourl.headers
    addinfourl.url addinfourl.geturl addinfourl.code addinfourl.status addinfourl.getcode`,
  'urllib.parse': `
    urlsplit SplitResult ${membersOf('SplitResult', 'scheme netloc path query fragment username password hostname port geturl')}
    SplitResultBytes urlparse ParseResult ParseResult.params ParseResult.geturl ParseResultBytes urlunsplit urlunparse
    urljoin urldefrag DefragResult DefragResult.url DefragResult.fragment DefragResult.geturl quote quote_from_bytes
    quote_plus unquote unquote_plus unquote_to_bytes urlencode parse_qs parse_qsl
    clear_cache unwrap to_bytes splittype splithost splituser splitpasswd splitport splitnport splitquery splittag
    splitattr splitvalue ResultBase DefragResultBytes uses_relative uses_netloc uses_params uses_query uses_fragment
    non_hierarchical scheme_chars`,
  'urllib.robotparser': `
    RobotFileParser
    ${membersOf('RobotFileParser', 'can_fetch crawl_delay modified mtime parse read request_rate set_url site_maps')}
    RequestRate RequestRate.requests RequestRate.seconds RuleLine RuleLine.applies_to Entry Entry.applies_to
    Entry.allowance`,
  'xmlrpc.client': `
    ServerProxy Server Transport
    ${membersOf('Transport', 'accept_gzip_encoding close encode_threshold get_host_info getparser make_connection')}
    ${membersOf('Transport', 'parse_response request send_content send_headers send_request single_request user_agent')}
    SafeTransport SafeTransport.make_connection MultiCall MultiCallIterator dumps loads Marshaller
    ${membersOf('Marshaller', 'dispatch dumps dump_array dump_bool dump_bytes dump_datetime dump_double dump_instance')}
    ${membersOf('Marshaller', 'dump_int dump_long dump_nil dump_struct dump_unicode')} WRAPPERS
    Unmarshaller ${membersOf('Unmarshaller', 'close data dispatch end end_array end_base64 end_bigdecimal end_boolean')}
    ${membersOf('Unmarshaller', 'end_dateTime end_dispatch end_double end_fault end_int end_methodName end_nil')}
    ${membersOf('Unmarshaller', 'end_params end_string end_struct end_value getmethodname start xml')}
    ExpatParser ExpatParser.feed ExpatParser.close getparser FastParser FastMarshaller FastUnmarshaller
    DateTime ${membersOf('DateTime', 'decode encode make_comparable timetuple value')}
    Binary Binary.data Binary.decode Binary.encode Fault Fault.faultCode Fault.faultString
    ProtocolError ${membersOf('ProtocolError', 'url errcode errmsg headers')} ResponseError Error
    escape gzip_encode gzip_decode GzipDecodedResponse GzipDecodedResponse.close
    PARSE_ERROR SERVER_ERROR APPLICATION_ERROR SYSTEM_ERROR TRANSPORT_ERROR NOT_WELLFORMED_ERROR UNSUPPORTED_ENCODING
    INVALID_ENCODING_CHAR INVALID_XMLRPC METHOD_NOT_FOUND INVALID_METHOD_PARAMS INTERNAL_ERROR MAXINT MININT`,
  'xmlrpc.server': `
    SimpleXMLRPCServer SimpleXMLRPCServer.allow_reuse_address SimpleXMLRPCDispatcher
    ${membersOf('SimpleXMLRPCDispatcher', 'register_function register_instance register_introspection_functions')}
    ${membersOf('SimpleXMLRPCDispatcher', 'register_multicall_functions system_listMethods system_methodHelp')}
    ${membersOf('SimpleXMLRPCDispatcher', 'system_methodSignature system_multicall')} SimpleXMLRPCRequestHandler
    ${membersOf('SimpleXMLRPCRequestHandler', 'accept_encodings aepattern decode_request_content do_POST wbufsize')}
    ${membersOf('SimpleXMLRPCRequestHandler', 'disable_nagle_algorithm encode_threshold is_rpc_path_valid log_request')}
    ${membersOf('SimpleXMLRPCRequestHandler', 'report_404 rpc_paths')}
    MultiPathXMLRPCServer MultiPathXMLRPCServer.add_dispatcher MultiPathXMLRPCServer.get_dispatcher
    CGIXMLRPCRequestHandler ${membersOf('CGIXMLRPCRequestHandler', 'handle_get handle_request handle_xmlrpc')}
    DocXMLRPCServer DocXMLRPCRequestHandler DocXMLRPCRequestHandler.do_GET DocCGIXMLRPCRequestHandler
    DocCGIXMLRPCRequestHandler.handle_get XMLRPCDocGenerator
    ${membersOf('XMLRPCDocGenerator', 'generate_html_documentation set_server_documentation set_server_name')}
    XMLRPCDocGenerator.set_server_title ServerHTMLDoc ${membersOf('ServerHTMLDoc', 'docroutine docserver markup page')}
    list_public_methods resolve_dotted_attribute`,
};
