import Platform
import RunEngine
import RunJournal
import StrictJSON

/// How a run stands as a tree for a terminal: components, their steps, what each waits for, and the
/// time against the RTO objective. Pure: the same state at the same moment gives the same lines.
struct RunPicture {
  /// What the terminal offers.
  struct Canvas {
    let columns: Int
    let rows: Int
    /// Whether it shows more than ASCII.
    let isUnicode: Bool
  }

  /// A line and how it is painted.
  struct Line: Equatable {
    let text: String
    let color: Terminal.Color?
    /// Whether it has to be read as a whole, and so may take several rows.
    var isWhole = false
  }

  let steps: [RunCreation.StepRecord]
  /// The steps on the expected critical path.
  let critical: Set<String>
  let title: String
  let objective: Duration?

  /// The lines, at most as many as the terminal has rows but one.
  ///
  /// - Parameter outlook: how long it still takes, as earlier runs let expect it.
  func lines(
    _ state: RunState, outlook: Forecast.Outlook? = nil, at now: Timestamp, on canvas: Canvas
  ) -> [Line] {
    let groups = components.map { name in (name, steps.filter { $0.component == name }) }
    var head = heading(state, at: now, on: canvas)
    let isOpen = deciding.contains { !state.status(of: $0.id).isTerminal }
    if let outlook, isOpen, !state.isFinished {
      head += broken("  \(outlook.text)", outlook.isAtRisk ? .yellow : .dim, canvas)
    }
    // On a very low terminal what is under way keeps a row.
    head = Array(head.prefix(max(canvas.rows - 2, 1)))
    let room = max(canvas.rows - 1 - head.count, 1)
    var body = groups.map { tree($0.0, $0.1, state, at: now, on: canvas) }
    // What is over, or has not begun, gets one line each before what is under way loses any.
    for index in groups.indices where body.joined().count > room {
      let moves = groups[index].1.contains { isMoving(state.status(of: $0.id)) }
      if !moves { body[index] = [folded(groups[index].0, groups[index].1, state, canvas)] }
    }
    let all = head + body.joined()
    guard all.count > room + head.count else { return all }
    let hidden = all.count - (room + head.count) + 1
    return all.prefix(room + head.count - 1) + [
      Line(text: "  \(dots(canvas)) \(hidden) more lines", color: .dim)
    ]
  }

  private var components: [String?] {
    steps.reduce(into: [String?]()) { names, step in
      if !names.contains(step.component) { names.append(step.component) }
    }
  }

  private func isMoving(_ status: StepStatus) -> Bool { status == .running || status == .failed }

  private func heading(
    _ state: RunState, at now: Timestamp, on canvas: Canvas
  ) -> [Line] {
    let since = state.incident ?? state.declared ?? now
    // What is removed after the recovery is no part of it.
    let end = recovered(state)
    let elapsed = max((end ?? now) - since, .zero)
    let done = steps.count { state.status(of: $0.id).isTerminal }
    let progress = "\(title)  \(done) of \(steps.count) steps"
    var clock = (end == nil ? "" : "recovered after ") + elapsed.readable
    var color = Terminal.Color.bold
    var share: Double?
    if let objective {
      clock += " of \(objective.readable) (RTO)"
      let part = Double(elapsed.wholeMilliseconds) / Double(max(objective.wholeMilliseconds, 1))
      if part > 0.8 { color = part > 1 ? .red : .yellow }
      share = part
    }
    var text = "\(progress)  \(clock)"
    guard text.count <= canvas.columns else {
      return [progress, "  \(clock)"].flatMap { broken($0, color, canvas) }
    }
    let width = min(canvas.columns - text.count - 4, 20)
    if let share, width >= 8 { text += "  " + bar(share, width: width, canvas) }
    return [Line(text: cut(text, canvas), color: color)]
  }

  /// Lines broken between words where one is too long: nothing of them is cut but a word that is wider
  /// than the terminal.
  private func broken(_ text: String, _ color: Terminal.Color, _ canvas: Canvas) -> [Line] {
    text.wrapped(to: canvas.columns).split(separator: "\n").map {
      Line(text: cut(String($0), canvas), color: color)
    }
  }

  /// The checks and cut-overs, with which the RTO ends.
  private var deciding: [RunCreation.StepRecord] {
    steps.filter { $0.phase == .verify || $0.phase == .cutover }
  }

  /// When the last check or cut-over was in force; nil unless all of them are.
  private func recovered(_ state: RunState) -> Timestamp? {
    let ends = deciding.map { step in
      state.status(of: step.id) == .succeeded ? state.steps[step.id]?.endedAt?.wall : nil
    }
    return ends.contains(nil) ? nil : ends.compactMap { $0 }.max()
  }

  private func bar(_ share: Double, width: Int, _ canvas: Canvas) -> String {
    let full = Int((min(max(share, 0), 1) * Double(width)).rounded(.up))
    let (on, off) = canvas.isUnicode ? ("█", "░") : ("#", ".")
    return String(repeating: on, count: full) + String(repeating: off, count: width - full)
  }

  private func tree(
    _ component: String?, _ steps: [RunCreation.StepRecord], _ state: RunState, at now: Timestamp,
    on canvas: Canvas
  ) -> [Line] {
    // A long name runs over its column rather than taking the room of what every other step waits for.
    let width = min(steps.map { name(of: $0).count }.max() ?? 0, max(16, canvas.columns - 52))
    return [Line(text: cut(component ?? "run", canvas), color: nil)]
      + steps.flatMap { line($0, width, state, at: now, on: canvas) }
  }

  private func line(
    _ step: RunCreation.StepRecord, _ width: Int, _ state: RunState, at now: Timestamp,
    on canvas: Canvas
  ) -> [Line] {
    let known = state.steps[step.id] ?? StepState()
    let (mark, color) = mark(known.status, canvas)
    let end = known.endedAt?.wall ?? now
    let took = known.startedAt.map { max(end - $0.wall, .zero).readable } ?? ""
    let name = (name(of: step) + (critical.contains(step.id) ? "*" : "")).rightPadded(width + 1)
    let start = "  \(mark) \(name) \(took.leftPadded(9))"
    var detail = ""
    switch known.status {
    case .pending: detail = step.summary
    case .running:
      if let waiting = known.waitingFor {
        detail = waiting.state + (waiting.percent.map { " (\($0) %)" } ?? "")
      } else {
        detail = known.failure?["reason"]?.stringValue.map { "again after: \($0)" } ?? step.summary
      }
    case .failed, .skipped, .cancelled: detail = known.failure?["reason"]?.stringValue ?? ""
    case .succeeded: break
    }
    // What a person is asked to type must not be cut.
    if let command = detail.range(of: "mosaic-dr ") {
      let told = detail[..<command.lowerBound]
      return [
        Line(text: cut("\(start)  \(told)", canvas), color: .yellow),
        Line(text: "      \(detail[command.lowerBound...])", color: .yellow, isWhole: true),
      ]
    }
    return [Line(text: cut("\(start)  \(detail)", canvas), color: color)]
  }

  private func folded(
    _ component: String?, _ steps: [RunCreation.StepRecord], _ state: RunState, _ canvas: Canvas
  ) -> Line {
    let isOver = steps.allSatisfy { state.status(of: $0.id).isTerminal }
    let count = steps.count == 1 ? "1 step" : "\(steps.count) steps"
    let (mark, color) = mark(isOver ? .succeeded : .pending, canvas)
    return Line(
      text: cut("\(mark) \(component ?? "run")  \(count)", canvas), color: color)
  }

  private func name(of step: RunCreation.StepRecord) -> String {
    guard let component = step.component, step.id.hasPrefix("\(component).") else { return step.id }
    return String(step.id.dropFirst(component.count + 1))
  }

  private func mark(_ status: StepStatus, _ canvas: Canvas) -> (String, Terminal.Color?) {
    switch status {
    case .pending: (canvas.isUnicode ? "·" : ".", .dim)
    case .running: (canvas.isUnicode ? "▸" : ">", .bold)
    case .succeeded: (canvas.isUnicode ? "✓" : "+", .green)
    case .failed: (canvas.isUnicode ? "✗" : "x", .red)
    case .skipped, .cancelled: (canvas.isUnicode ? "–" : "-", .dim)
    }
  }

  private func dots(_ canvas: Canvas) -> String { canvas.isUnicode ? "…" : "..." }

  private func cut(_ text: String, _ canvas: Canvas) -> String {
    let text = canvas.isUnicode ? text : text.replacing("→", with: "->").replacing("…", with: "...")
    guard text.count > canvas.columns else { return text.trimmingSpaceAtEnd() }
    return text.prefix(max(canvas.columns - dots(canvas).count, 0)) + dots(canvas)
  }
}

extension String {
  fileprivate func trimmingSpaceAtEnd() -> String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }

  fileprivate func range(of words: String) -> Range<String.Index>? { ranges(of: words).first }
}
