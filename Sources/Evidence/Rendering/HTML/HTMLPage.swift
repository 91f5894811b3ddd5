import Cryptography

/// The frame of a page and the parts it is made of. A page is one file: no script, nothing from the
/// network, one style sheet that is allowed by its digest.
enum HTMLPage {
  static func page(title: String, body: String) -> String {
    let digest = Base64.encode(SHA256.digest(of: Array(HTMLStyle.text.utf8)).bytes)
    let policy =
      "default-src 'none'; style-src 'sha256-\(digest)'; img-src data:; base-uri 'none'; "
      + "form-action 'none'"
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="\(policy)">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="referrer" content="no-referrer">
      <link rel="icon" href="data:,">
      <title>\(OutputText.markup(title))</title>
      <style>\(HTMLStyle.text)</style>
      </head>
      <body>
      <a class="skip" href="#main">Skip to the content</a>
      <main id="main">
      \(body)
      </main>
      </body>
      </html>

      """
  }

  static func section(
    _ id: String, _ title: String, isLong: Bool = false, _ content: String
  ) -> String {
    "<section aria-labelledby=\"\(id)\"\(isLong ? " class=\"long\"" : "")>"
      + "<h2 id=\"\(id)\">\(OutputText.markup(title))</h2>\n\(content)\n</section>"
  }

  /// A cell: text, whether it is a number, and a class.
  struct Cell {
    let text: String
    var isNumber = false
    var style: String?

    init(_ text: String, isNumber: Bool = false, style: String? = nil) {
      self.text = text
      self.isNumber = isNumber
      self.style = style
    }

    /// The cell's class attribute.
    fileprivate var attribute: String {
      let names = [isNumber ? "n" : nil, style].compactMap { $0 }
      return names.isEmpty ? "" : " class=\"\(names.joined(separator: " "))\""
    }
  }

  /// More rows than this are in the record, not on the page.
  static let maximumRows = 10_000
  /// A table with more rows is shown when somebody asks for it.
  private static let foldedRows = 200

  /// A table with a caption; the first cell of a row names it. Nothing for no rows.
  static func table(caption: String, _ heads: [String], _ rows: [[Cell]]) -> String {
    if rows.isEmpty { return "<p class=\"soft\">\(OutputText.markup(caption)): none.</p>" }
    let more = rows.count - maximumRows
    let rest = more > 0 ? "<p>\(more) further rows are in the record.</p>" : ""
    let table = body(caption: caption, heads, rows.prefix(maximumRows)) + rest
    guard rows.count > foldedRows else { return table }
    return "<details><summary>\(OutputText.markup(caption)): \(rows.count) rows</summary>"
      + "\(table)</details>"
  }

  private static func body(
    caption: String, _ heads: [String], _ rows: ArraySlice<[Cell]>
  ) -> String {
    let numbers = rows.first?.map(\.isNumber) ?? []
    let head = zip(heads, numbers).map {
      "<th scope=\"col\"\($1 ? " class=\"n\"" : "")>\(OutputText.markup($0))</th>"
    }.joined()
    let body = rows.map { row in
      let cells = row.enumerated().map { index, cell in
        index == 0
          ? "<th scope=\"row\"\(cell.attribute)>\(OutputText.markup(cell.text))</th>"
          : "<td\(cell.attribute)>\(OutputText.markup(cell.text))</td>"
      }
      return "<tr>\(cells.joined())</tr>"
    }.joined(separator: "\n")
    return
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"\(OutputText.markup(caption))\">"
      + "<table><caption>\(OutputText.markup(caption))</caption><thead><tr>\(head)</tr></thead>"
      + "<tbody>\n\(body)\n</tbody></table></div>"
  }

  /// More lines than this are in the record, not on the page.
  private static let maximumLines = 100

  static func list(_ lines: [String]) -> String {
    if lines.isEmpty { return "" }
    let more = lines.count - maximumLines
    let shown = lines.prefix(maximumLines) + (more > 0 ? ["and \(more) more"] : [])
    return "<ul>" + shown.map { "<li>\(OutputText.markup($0))</li>" }.joined() + "</ul>"
  }

  /// Names one after the other, of a long row its beginning and its end.
  static func chain(_ names: [String], by separator: String) -> String {
    guard names.count > maximumLines else { return names.joined(separator: separator) }
    let half = maximumLines / 2
    let between = "… \(names.count - 2 * half) more …"
    return (names.prefix(half) + [between] + names.suffix(half)).joined(separator: separator)
  }

  /// The meaning of the colours of a chart.
  static func key(_ entries: [(style: String, text: String)]) -> String {
    let items = entries.map {
      "<li><i class=\"\($0.style)\"></i>\(OutputText.markup($0.text))</li>"
    }
    return "<ul class=\"key\">\(items.joined())</ul>"
  }
}
