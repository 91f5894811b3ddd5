import CPosix

/// How large a terminal is, in characters.
public struct TerminalSize: Sendable, Equatable {
  /// Characters in a row.
  public let columns: Int
  /// Rows.
  public let rows: Int

  /// The size of the terminal behind a file descriptor, as ioctl(2) TIOCGWINSZ tells it; nil when it is
  /// no terminal, or one that does not know.
  public init?(descriptor: Int32) {
    let columns = mdr_terminal_columns(descriptor)
    let rows = mdr_terminal_rows(descriptor)
    guard columns > 0, rows > 0 else { return nil }
    self.columns = Int(columns)
    self.rows = Int(rows)
  }
}
