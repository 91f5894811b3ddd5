import Platform
import Synchronization

/// The date that answers carried last, and what it means: the many answers of a second carry the same.
final class LatestDate: Sendable {
  private let latest = Mutex<(text: String, meaning: Timestamp?)?>(nil)

  /// What `text` means as ``HTTPDate``; nil when it is none.
  func read(_ text: String) -> Timestamp? {
    latest.withLock { latest in
      if let latest, latest.text == text { return latest.meaning }
      let meaning = HTTPDate.read(text)
      latest = (text, meaning)
      return meaning
    }
  }
}
