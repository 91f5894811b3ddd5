import Testing

@testable import Recoveries

@Suite struct FindingTextTests {
  @Test(arguments: [
    (
      #"{"key":"late/a","kind":"missing","reason":"the replica does not have it","source":{"etag":"e","modified":"2026-11-28T09:18:00Z","size":13600}}"#,
      "missing 'late/a' (13,600 bytes, 2026-11-28T09:18:00Z): the replica does not have it"
    ),
    (
      #"{"key":"a","kind":"in_flight","reason":"young","replica":{"size":1},"version":"v1"}"#,
      "in flight 'a', version v1 (1 bytes): young"
    ),
    (
      #"{"key":"a","kind":"missing","reason":"r","source":{"delete_marker":true,"size":0}}"#,
      "missing 'a' (a delete marker): r"
    ),
    (#"{"key_encoded":"%FF","kind":"extra","reason":"r"}"#, "extra '%FF': r"),
    ("no JSON", "no JSON"), (#"{"kind":"missing"}"#, #"{"kind":"missing"}"#),
  ])
  func aLineIsASentence(line: String, text: String) {
    #expect(FindingText.of(line) == text)
  }
}
