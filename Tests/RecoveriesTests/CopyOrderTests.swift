import StrictJSON
import Testing

@testable import Recoveries

/// Which lines of a list of findings order a copy.
@Suite struct CopyOrderTests {
  private func isOrder(_ kind: String, replica: String = "") throws -> Bool {
    let line =
      #"{"key":"k","kind":"\#(kind)","reason":"r","version":"v","source":{"size":1,"etag":"e"}\#(replica)}"#
    return CopyOrder(try JSONValue(parsing: Array(line.utf8))) != nil
  }

  @Test func onlyWhatACopyMendsIsOrdered() throws {
    for kind in ["missing", "stale", "failed", "different"] { #expect(try isOrder(kind)) }
    for kind in ["newer", "archived", "extra", "in_flight", "never_eligible"] {
      #expect(try !isOrder(kind), "\(kind)")
    }
  }

  /// The target has the version already; what is on top of it no copy removes.
  @Test func aHiddenVersionIsNotCopied() throws {
    #expect(try isOrder("different", replica: #","replica":{"size":1}"#))
    #expect(try !isOrder("different", replica: #","replica":{"size":1,"version":"w"}"#))
    let marker = #","replica":{"size":0,"version":"m","delete_marker":true}"#
    #expect(try !isOrder("missing", replica: marker))
  }
}
