import Synchronization

/// An answer whose body is read as it arrives.
///
/// What has arrived and is not read yet is bounded: then the server is made to wait. Dropping the
/// stream, or cancelling the task that reads it, ends the transfer.
public struct HTTPStreamedAnswer: Sendable {
  /// The status code.
  public let status: Int
  /// The header fields of the final answer, in order.
  public let headers: [HTTPHeader]
  /// The body, in the pieces in which it arrives.
  public let body: HTTPBodyStream
}

/// The pieces of a body, for one reader.
public final class HTTPBodyStream: AsyncSequence, Sendable {
  private let buffer: StreamBuffer
  private let cancel: @Sendable () -> Void

  init(_ buffer: StreamBuffer, cancel: @escaping @Sendable () -> Void) {
    self.buffer = buffer
    self.cancel = cancel
  }

  deinit { cancel() }

  /// Reads the pieces.
  public func makeAsyncIterator() -> Iterator { Iterator(stream: self) }

  /// Reads the pieces.
  public struct Iterator: AsyncIteratorProtocol {
    let stream: HTTPBodyStream

    /// The next piece; nil at the end of a complete body.
    ///
    /// - Throws: ``TransportError`` when the transfer broke off; `CancellationError`.
    public func next() async throws -> [UInt8]? { try await stream.next() }
  }

  private func next() async throws -> [UInt8]? {
    let cancel = cancel
    return try await withTaskCancellationHandler {
      try await buffer.next()
    } onCancel: {
      cancel()
    }
  }

  /// The rest of the body at once, cut off after `limit` bytes.
  public func collect(upTo limit: Int) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    for try await piece in self {
      bytes += piece
      if bytes.count >= limit { break }
    }
    return Array(bytes.prefix(limit))
  }
}

/// Hands the pieces of one answer from the transfer's thread to its reader.
final class StreamBuffer: Sendable {
  /// More than this is not kept: the transfer pauses until it is read.
  static let capacity = 1 << 20

  struct Head: Sendable {
    let status: Int
    let headers: [HTTPHeader]
  }

  private struct State {
    var head: Head?
    var pieces: [[UInt8]] = []
    var size = 0
    var isPaused = false
    var end: Result<Void, any Error>?
    var waiting: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())
  private let resume: @Sendable () -> Void

  /// - Parameter resume: called when a paused transfer may go on.
  init(resume: @escaping @Sendable () -> Void) { self.resume = resume }

  func begin(_ head: Head) { change { $0.head = head } }

  /// Whether the bytes were taken; if not, they are to be offered again later.
  func offer(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var isTaken = true
    change { state in
      guard state.size == 0 || state.size + bytes.count <= Self.capacity else {
        state.isPaused = true
        isTaken = false
        return
      }
      state.pieces.append(Array(bytes))
      state.size += bytes.count
    }
    return isTaken
  }

  func end(_ result: Result<Void, any Error>) { change { $0.end = $0.end ?? result } }

  /// Waits for the head of the answer.
  func head() async throws -> Head {
    while true {
      let known = state.withLock { ($0.head, $0.end) }
      if let head = known.0 { return head }
      try known.1?.get()
      await wait { $0.head == nil && $0.end == nil }
    }
  }

  func next() async throws -> [UInt8]? {
    while true {
      let (piece, end, mayResume) = state.withLock { state in
        guard !state.pieces.isEmpty else { return ([UInt8]?.none, state.end, false) }
        let piece = state.pieces.removeFirst()
        state.size -= piece.count
        let mayResume = state.isPaused && state.size <= Self.capacity / 2
        if mayResume { state.isPaused = false }
        return (piece, nil, mayResume)
      }
      if mayResume { resume() }
      if let piece { return piece }
      if let end {
        try end.get()
        return nil
      }
      await wait { $0.pieces.isEmpty && $0.end == nil }
    }
  }

  private func wait(while isNotReady: @Sendable (State) -> Bool) async {
    await withCheckedContinuation { continuation in
      let mayGoOn = state.withLock { state in
        guard isNotReady(state) else { return true }
        state.waiting = continuation
        return false
      }
      if mayGoOn { continuation.resume() }
    }
  }

  private func change(_ body: (inout State) -> Void) {
    let waiting = state.withLock { state in
      body(&state)
      defer { state.waiting = nil }
      return state.waiting
    }
    waiting?.resume()
  }
}
