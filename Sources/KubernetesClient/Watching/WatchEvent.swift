import Platform
public import StrictJSON

/// What a watch tells.
public enum WatchEvent: Sendable, Equatable {
  /// An object is there now, or was when the watch began.
  case added(JSONValue)
  case modified(JSONValue)
  case deleted(JSONValue)
  /// Nothing happened up to this moment.
  case bookmark(resourceVersion: String)
  /// The server ends the watch; a Status says why.
  case error(JSONValue)

  /// Where a watch goes on after this event; nil after an error.
  var resourceVersion: String? {
    switch self {
    case .added(let object), .modified(let object), .deleted(let object): object.resourceVersion
    case .bookmark(let version): version
    case .error: nil
    }
  }
}

/// Cuts the stream of a watch into events: one JSON text a line, whatever the pieces it arrives in.
struct WatchDecoder {
  /// No event is larger.
  static let maximumSize = 8 << 20

  private var rest: [UInt8] = []

  /// The events that are complete with these bytes.
  ///
  /// - Throws: `Problem` for a line that is no event.
  mutating func take(_ bytes: [UInt8]) throws(Problem) -> [WatchEvent] {
    var events: [WatchEvent] = []
    for byte in bytes {
      guard byte == 0x0A else {
        rest.append(byte)
        continue
      }
      if !rest.isEmpty { try events.append(event(rest)) }
      rest.removeAll(keepingCapacity: true)
    }
    guard rest.count <= Self.maximumSize else {
      throw problem("it has more than \(Self.maximumSize) bytes")
    }
    return events
  }

  private func event(_ line: [UInt8]) throws(Problem) -> WatchEvent {
    let value: JSONValue
    do throws(JSONParseError) { value = try JSONValue(parsing: line) } catch {
      throw problem(error.description)
    }
    guard let object = value["object"] else { throw problem("it has no object") }
    switch value["type"]?.stringValue {
    case "ADDED": return .added(object)
    case "MODIFIED": return .modified(object)
    case "DELETED": return .deleted(object)
    case "BOOKMARK": return .bookmark(resourceVersion: object.resourceVersion)
    case "ERROR": return .error(object)
    default: throw problem("it has no known type")
    }
  }

  private func problem(_ reason: String) -> Problem {
    Problem(
      "an event of a watch cannot be read", because: reason,
      fix: "Check that the kubeconfig's server is an API server.")
  }
}
