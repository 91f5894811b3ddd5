import Measurement
import Platform
import RunJournal

/// A drawing in SVG. Widths are whole units of a fixed canvas; the page scales it.
struct Drawing {
  static let width: Int64 = 720
  private var shapes: [String] = []
  let height: Int64

  init(height: Int64) { self.height = height }

  mutating func rectangle(
    _ x: Int64, _ y: Int64, _ width: Int64, _ height: Int64, _ style: String, title: String? = nil
  ) {
    let text = title.map { "<title>\(OutputText.markup($0))</title>" } ?? ""
    shapes.append(
      "<rect x=\"\(x)\" y=\"\(y)\" width=\"\(max(1, width))\" height=\"\(height)\" "
        + "class=\"\(style)\">\(text)</rect>")
  }

  mutating func line(_ x: Int64, _ top: Int64, _ bottom: Int64, _ style: String) {
    shapes.append(
      "<line x1=\"\(x)\" x2=\"\(x)\" y1=\"\(top)\" y2=\"\(bottom)\" class=\"\(style)\"/>")
  }

  mutating func text(
    _ x: Int64, _ y: Int64, _ text: String, style: String = "", anchor: String = "start"
  ) {
    shapes.append(
      "<text x=\"\(x)\" y=\"\(y)\" text-anchor=\"\(anchor)\" class=\"\(style)\">"
        + "\(OutputText.markup(text))</text>")
  }

  func svg(title: String, description: String) -> String {
    "<svg role=\"img\" viewBox=\"0 0 \(Self.width) \(height)\" aria-label=\"\(OutputText.markup(title))\">"
      + "<title>\(OutputText.markup(title))</title><desc>\(OutputText.markup(description))</desc>"
      + shapes.joined() + "</svg>"
  }
}

/// Objectives against what was achieved, as bars with a line for the objective.
enum ObjectiveBars {
  static func svg(_ rows: [(name: String, figure: Achievement)]) -> String {
    var drawing = Drawing(height: Int64(rows.count) * 44 + 4)
    let left: Int64 = 4
    let room = Drawing.width - 2 * left
    for (index, row) in rows.enumerated() {
      let y = Int64(index) * 44
      let top = [row.figure.achieved, row.figure.objective].compactMap { $0 }.max() ?? 1
      let words =
        "\(row.name): \(OutputText.readable(row.figure.achieved))"
        + (row.figure.objective.map { " of \(OutputText.readable($0))" } ?? "")
        + ", \(OutputText.outcome(row.figure))"
      drawing.text(left, y + 14, words)
      if let achieved = row.figure.achieved {
        drawing.rectangle(
          left, y + 20, max(0, achieved) * room / max(1, top), 16,
          row.figure.isMet == false ? "bad" : "good", title: words)
      }
      if let objective = row.figure.objective {
        drawing.line(left + objective * room / max(1, top), y + 16, y + 40, "target")
      }
    }
    return drawing.svg(
      title: "Objectives against achieved figures",
      description: "A bar for each achieved figure; the upright line is the objective. Each "
        + "row has a scale of its own.")
  }
}

/// Where the achieved RTO went.
enum SplitBar {
  static let parts:
    [(style: String, name: String, value: any KeyPath<TimeSplit, Int64> & Sendable)] = [
      ("before", "before the run", \.beforeRun), ("person", "waiting for people", \.person),
      ("cloud", "waiting for the cloud", \.cloud), ("verify", "verification", \.verification),
      ("over", "own overhead", \.overhead),
    ]

  static func svg(_ split: TimeSplit) -> String {
    let total = max(1, parts.reduce(0) { $0 + max(0, split[keyPath: $1.value]) })
    var drawing = Drawing(height: 26)
    var x: Int64 = 0
    for part in parts {
      let value = max(0, split[keyPath: part.value])
      if value == 0 { continue }
      let width = value * Drawing.width / total
      drawing.rectangle(
        x, 2, width, 22, part.style, title: "\(part.name): \(OutputText.readable(value))")
      x += width
    }
    return drawing.svg(
      title: "Where the achieved RTO went",
      description: parts.map { "\($0.name) \(OutputText.readable(split[keyPath: $0.value]))" }
        .joined(separator: ", "))
  }
}

/// The run on a line of time: a bar a step, waiting in other colours, the critical path outlined.
enum Gantt {
  /// More rows cannot be read; the table has them all.
  static let maximumRows = 40

  static func svg(_ account: RunAccount, criticalPath: [String]) -> String {
    let critical = Set(criticalPath)
    let ran = account.steps.filter { $0.began != nil }
    let rows = chosen(ran, critical)
    let begin = account.began
    let span = max(1, (account.ended - begin).wholeMilliseconds)
    let (left, room): (Int64, Int64) = (250, Drawing.width - 256)
    let isFolded = rows.count < ran.count
    var drawing = Drawing(height: Int64(rows.count + (isFolded ? 1 : 0)) * 22 + 24)
    if isFolded {
      drawing.text(
        0, Int64(rows.count) * 22 + 16,
        "the \(rows.count) longest of \(ran.count) steps, those on the critical path first",
        style: "soft")
    }
    for quarter in Int64(0)...4 {
      let x = left + room * quarter / 4
      drawing.line(x, 0, drawing.height - 18, "grid")
      drawing.text(
        x, drawing.height - 4, OutputText.readable(span * quarter / 4), style: "soft",
        anchor: quarter == 4 ? "end" : "middle")
    }
    for (index, step) in rows.enumerated() {
      guard let began = step.began else { continue }
      let y = Int64(index) * 22 + 4
      let isCritical = critical.contains(step.id)
      let start = (began - begin).wholeMilliseconds
      let length = max(0, ((step.ended ?? account.ended) - began).wholeMilliseconds)
      let (x, width) = (left + start * room / span, length * room / span)
      drawing.text(0, y + 12, "\(isCritical ? "◆ " : "")\(short(step.id))")
      bar(step, length, x, y, width, &drawing)
      if isCritical { drawing.rectangle(x - 1, y - 1, width + 2, 16, "critical") }
    }
    return drawing.svg(
      title: "Timeline of the run",
      description:
        "A bar for each step that ran. Steps on the critical path are outlined and marked "
        + "with a diamond: \(HTMLPage.chain(criticalPath, by: ", ")).")
  }

  /// The bar's parts: waiting for people, waiting for the cloud, work.
  private static func bar(
    _ step: StepAccount, _ length: Int64, _ x: Int64, _ y: Int64, _ width: Int64,
    _ drawing: inout Drawing
  ) {
    let person = min(max(0, step.timing.person), length)
    let cloud = min(max(0, step.timing.cloud), length - person)
    let isCheck = step.phase == .verify
    let parts = [
      ("person", person), ("cloud", cloud), (isCheck ? "verify" : "work", length - person - cloud),
    ]
    var at = x
    for (style, part) in parts
    where part > 0 || length == 0 && style != "person" && style != "cloud" {
      let size = length == 0 ? 1 : part * width / length
      drawing.rectangle(
        at, y, size, 14, style,
        title: "\(step.id): \(OutputText.readable(length)), \(step.status)")
      at += size
    }
  }

  private static func chosen(_ ran: [StepAccount], _ critical: Set<String>) -> [StepAccount] {
    guard ran.count > maximumRows else { return ran }
    let length = { (step: StepAccount) -> Int64 in
      guard let began = step.began, let ended = step.ended else { return Int64.max }
      return (ended - began).wholeNanoseconds
    }
    let longest = ran.sorted {
      (critical.contains($0.id) ? 1 : 0, length($0)) > (
        critical.contains($1.id) ? 1 : 0, length($1)
      )
    }
    let kept = Set(longest.prefix(maximumRows).map(\.id))
    return ran.filter { kept.contains($0.id) }
  }

  private static func short(_ id: String) -> String {
    id.count <= 34 ? id : "…" + id.suffix(33)
  }
}

/// How far back the data goes: recovery points before the incident, and the objective.
enum RPOStrip {
  /// More instants than this cannot be read; those that lie farthest back are drawn.
  private static let maximumPoints = 20

  static func svg(_ account: RunAccount, objective: Int64?) -> String? {
    guard let incident = account.moments.last(where: { $0.name == .incident })?.at else {
      return nil
    }
    let all = account.moments.filter { $0.name == .recoveryPoint || $0.name == .lastCommitted }
    let points =
      all.count > maximumPoints
      ? Array(all.sorted { $0.at < $1.at }.prefix(maximumPoints)) : all
    if points.isEmpty { return nil }
    let back = points.map { (incident - $0.at).wholeMilliseconds }
    let span = max(1, max(back.max() ?? 1, objective ?? 1)) * 11 / 10 + 1
    var drawing = Drawing(height: Int64(points.count) * 36 + 24)
    let zero = Drawing.width - 60
    let x = { (milliseconds: Int64) in max(4, zero - milliseconds * (zero - 10) / span) }
    drawing.line(zero, 4, drawing.height - 20, "target")
    drawing.text(zero, drawing.height - 4, "incident", anchor: "middle")
    if let objective {
      drawing.line(x(objective), 4, drawing.height - 20, "grid")
      drawing.text(
        x(objective), drawing.height - 4, "objective \(OutputText.readable(objective))",
        style: "soft", anchor: "start")
    }
    for (index, (point, milliseconds)) in zip(points, back).enumerated() {
      let y = Int64(index) * 36
      let isLate = objective.map { milliseconds > $0 } ?? false
      let start = min(x(milliseconds), zero)
      drawing.rectangle(
        start, y + 17, max(2, zero - start), 12, isLate ? "bad" : "good", title: point.source)
      drawing.text(
        4, y + 13,
        "◆ \(point.component ?? "") \(point.evidence.rawValue): \(OutputText.readable(milliseconds))"
      )
    }
    return drawing.svg(
      title: "What was lost: from each recovery point to the incident",
      description: "A bar for each instant up to which data is known to be present.")
  }
}
