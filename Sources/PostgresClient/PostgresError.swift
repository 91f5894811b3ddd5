public import Platform

/// The database could not be reached, refused the login, or refused a statement.
public struct PostgresError: ExplainedError, Equatable {
  /// What stood in the way.
  public enum Kind: Sendable, Equatable {
    /// No connection came about: nothing listens, the network drops packets, TLS fails.
    case unreachable
    /// The server is there, but not yet or no longer ready (SQLSTATE class 57P).
    case notReady
    /// The server refused the login (SQLSTATE class 28).
    case loginRefused
    /// The server refused the statement.
    case statementRefused
    /// The connection broke, or the statement ran past its bound.
    case interrupted
  }

  /// What stood in the way.
  public let kind: Kind
  /// User, host, port and database.
  public let place: String
  /// The SQLSTATE; nil when the server gave none.
  public let sqlState: String?
  /// The server's or libpq's words, one line; left out where they may hold data.
  public let detail: String

  /// Whether the same may succeed a little later.
  public var isTransient: Bool {
    kind == .unreachable || kind == .notReady || (kind == .interrupted && sqlState == nil)
  }

  public var summary: String {
    switch kind {
    case .unreachable: "cannot connect to the database"
    case .notReady: "the database is not ready"
    case .loginRefused: "the database refuses the login"
    case .statementRefused: "the database refuses the statement"
    case .interrupted: "the database did not answer in time"
    }
  }
  public var subject: String? { place }
  public var reason: String { sqlState.map { "\(detail) (SQLSTATE \($0))" } ?? detail }
  public var remedy: String {
    switch kind {
    case .unreachable:
      "Check that this machine may reach the port (security group, routing) and that the CA bundle "
        + "is the right one (PGSSLROOTCERT or the plan's rootCertificate)."
    case .notReady: "Wait until the server has started; then resume or retry."
    case .loginRefused:
      "Check the user and the password that the plan's access names: after a restore they are "
        + "those of the recovery point."
    case .statementRefused: "Correct the query in the plan, or give the role the right it lacks."
    case .interrupted: "Raise the check's timeout, or find out what holds the statement up."
    }
  }
}

extension PostgresError {
  /// Classes of SQLSTATE (PostgreSQL, appendix A) of which the words speak of names, rights and the
  /// server. Those of others show the data that they met: `invalid input syntax for type integer: "Ada"`.
  private static let classesWithoutData: Set<String> = [
    "08", "0A", "25", "26", "28", "3D", "3F", "40", "42", "53", "54", "55", "57", "58", "XX",
  ]

  /// The names (same appendix) of conditions that a check's query meets and whose words are left out.
  private static let conditions = [
    "21000": "cardinality_violation", "22000": "data_exception",
    "22001": "string_data_right_truncation", "22003": "numeric_value_out_of_range",
    "22007": "invalid_datetime_format", "22008": "datetime_field_overflow",
    "2200H": "sequence_generator_limit_exceeded", "22012": "division_by_zero",
    "2201B": "invalid_regular_expression", "22021": "character_not_in_repertoire",
    "22023": "invalid_parameter_value", "2202E": "array_subscript_error",
    "22P02": "invalid_text_representation", "23502": "not_null_violation",
    "23503": "foreign_key_violation", "23505": "unique_violation", "23514": "check_violation",
    "P0001": "raise_exception",
  ]

  /// What of an error's words may stand in a journal and a report; libpq's own have no state.
  static func tellable(_ words: String, _ sqlState: String?) -> String {
    guard let sqlState, !classesWithoutData.contains(String(sqlState.prefix(2))) else {
      return words
    }
    let name = conditions[sqlState].map { "\($0); " } ?? ""
    return "\(name)its words may hold data and are left out"
  }
}
