public import Platform

/// Where a database listens and who logs in.
public struct PostgresTarget: Sendable {
  /// Host name or address; it must stand in the server's certificate.
  public var host: String
  /// The port.
  public var port: Int
  /// The database.
  public var database: String
  /// The role.
  public var user: String
  /// The password; nil leaves it to libpq (`PGPASSWORD`, the password file).
  public var password: Secret<String>?
  /// A PEM file of the authorities that sign the server's certificate; nil leaves it to libpq
  /// (`PGSSLROOTCERT`, `~/.postgresql/root.crt`).
  public var rootCertificate: String?
  /// The bound on connecting; libpq counts whole seconds, at least two.
  public var connectTimeout: Duration

  /// Creates a target.
  public init(
    host: String, port: Int, database: String, user: String, password: Secret<String>?,
    rootCertificate: String?, connectTimeout: Duration
  ) {
    self.host = host
    self.port = port
    self.database = database
    self.user = user
    self.password = password
    self.rootCertificate = rootCertificate
    self.connectTimeout = connectTimeout
  }

  var place: String { "\(user)@\(host):\(port)/\(database)" }
}

/// Whether the statements of a session may change data.
public enum PostgresAccess: Sendable {
  case readOnly, readWrite
}
