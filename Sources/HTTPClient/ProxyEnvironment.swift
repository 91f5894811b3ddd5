import CCurl
import Glibc

/// The one variable that libcurl leaves out: it reads `http_proxy` but not `HTTP_PROXY`, since a server of
/// CGI programs sets that to what a client sends as `Proxy:`. The SDKs read both.
enum ProxyEnvironment {
  /// The proxy for a plain request; nil leaves it to libcurl. Whether `NO_PROXY` takes the host out of it,
  /// libcurl decides in any case.
  static func plain(for url: String) -> String? {
    proxy(for: url) { name in getenv(name).map { String(cString: $0) } }
  }

  static func proxy(for url: String, in environment: (String) -> String?) -> String? {
    guard url.lowercased().hasPrefix("http://"), environment("http_proxy") == nil,
      environment("REQUEST_METHOD") == nil
    else { return nil }
    return environment("HTTP_PROXY")
  }
}
