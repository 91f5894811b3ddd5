extension StepGraph {
  /// The graph in Graphviz' language (https://graphviz.org/doc/info/lang.html), an arrow pointing
  /// from each node to what waits for it. `label` gives the text of a node; it may have lines.
  public func dot(title: String, label: (String) -> String) -> String {
    var lines = ["digraph \(Self.dotQuoted(title)) {", "  rankdir=LR;", "  node [shape=box];"]
    for id in ids { lines.append("  \(Self.dotQuoted(id)) [label=\(Self.dotQuoted(label(id)))];") }
    for (index, after) in successors.enumerated() {
      for successor in after {
        lines.append("  \(Self.dotQuoted(ids[index])) -> \(Self.dotQuoted(ids[successor]));")
      }
    }
    return (lines + ["}", ""]).joined(separator: "\n")
  }

  /// The graph as a Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html). Nodes are
  /// numbered in the given order, since Mermaid gives some names a meaning of their own.
  public func mermaid(label: (String) -> String) -> String {
    var lines = ["flowchart LR"]
    for (index, id) in ids.enumerated() {
      lines.append("  n\(index)[\"\(Self.mermaidEscaped(label(id)))\"]")
    }
    for (index, after) in successors.enumerated() {
      for successor in after { lines.append("  n\(index) --> n\(successor)") }
    }
    return (lines + [""]).joined(separator: "\n")
  }

  private static func dotQuoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      default: quoted.unicodeScalars.append(printable(scalar))
      }
    }
    return quoted + "\""
  }

  private static func mermaidEscaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": escaped += "<br/>"
      case "\"", "#", "&", "<", ">", "`", ";": escaped += "#\(scalar.value);"
      default: escaped.unicodeScalars.append(printable(scalar))
      }
    }
    return escaped
  }

  private static func printable(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    scalar.properties.generalCategory == .control ? " " : scalar
  }
}
