import CCurl
import Glibc

/// Which proxy a handle uses.
enum ProxyChoice: Equatable {
  /// None, and none is looked for.
  case none
  /// What libcurl finds in the environment.
  case asLibcurlReads
  /// This one. Whether `NO_PROXY` takes the host out of it, libcurl decides in any case.
  case named(String)
}

/// The proxies of the environment. libcurl reads them, but for one variable: it reads `http_proxy` but not
/// `HTTP_PROXY`, since a server of CGI programs sets that to what a client sends as `Proxy:`. The SDKs
/// read both.
struct ProxyEnvironment: Sendable {
  private static let names = [
    "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
  ]

  /// Whether there is any: else nobody has to look for one with every request.
  private let hasAny: Bool

  /// Looks at this program's environment.
  init() { hasAny = Self.names.contains { Self.variable($0) != nil } }

  /// The choice for a request that names no proxy.
  func choice(for url: String) -> ProxyChoice {
    guard hasAny else { return .none }
    return Self.proxy(for: url, in: Self.variable).map { .named($0) } ?? .asLibcurlReads
  }

  static func proxy(for url: String, in environment: (String) -> String?) -> String? {
    guard url.lowercased().hasPrefix("http://"), environment("http_proxy") == nil,
      environment("REQUEST_METHOD") == nil
    else { return nil }
    return environment("HTTP_PROXY")
  }

  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
