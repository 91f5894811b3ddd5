import Synchronization

/// The pages of one listing in order, fetched a little ahead of whoever reads them.
///
/// The next page is asked for as soon as it is known where it begins, so that neither the service nor
/// this machine waits for the other. No more pages than the depth are ever held.
final class PageChain: Sendable {
  /// How many pages are fetched or held ahead: few, as long as they come at once, so that they stay in the
  /// processor's cache …
  static let depth = 2
  /// … and more when the reader waits for them: far away, a page takes several times as long to come in whole as
  /// its head does, with which the next one can be asked for.
  static let depthFarAway = 4

  private struct State {
    var current: PageNode?
    var hasBegun = false
    var isCancelled = false
    var tasks: [Task<FetchedPage, any Error>] = []
    var ahead = 0
    var depth = PageChain.depth
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let source: any ListingSource
  private let query: ListingQuery
  private let start: PagePosition
  private let executor: (any TaskExecutor)?
  private let state = Mutex(State())

  /// - Parameter executor: where pages are fetched; nil for anywhere.
  init(
    _ source: any ListingSource, _ query: ListingQuery, from start: PagePosition,
    on executor: (any TaskExecutor)?
  ) {
    self.source = source
    self.query = query
    self.start = start
    self.executor = executor
  }

  /// Starts fetching, so that several chains do not wait for each other.
  func prime() {
    let hasBegun = state.withLock { state in
      defer { state.hasBegun = true }
      return state.hasBegun
    }
    guard !hasBegun else { return }
    let node = begin(at: start)
    state.withLock { $0.current = node }
  }

  /// The next page, for one reader; nil after the last.
  nonisolated(nonsending) func next() async throws -> FetchedPage? {
    prime()
    guard let node = state.withLock({ $0.current }) else { return nil }
    let page = try await withTaskCancellationHandler {
      try await node.page.value
    } onCancel: {
      cancel()
    }
    let following = node.next
    change { state in
      state.current = following
      state.ahead -= 1
      state.tasks.removeAll { $0 == node.page }
    }
    return page
  }

  /// Fetches more pages ahead from now on.
  func goFurtherAhead() { change { $0.depth = Self.depthFarAway } }

  /// Ends what is under way.
  func cancel() {
    let tasks = change { state in
      state.isCancelled = true
      defer { state.tasks = [] }
      return state.tasks
    }
    for task in tasks { task.cancel() }
  }

  /// Changes the state, and lets whoever waits for room look again.
  private func change<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
    let (result, waiting) = state.withLock { state in
      let result = body(&state)
      defer { state.waiting = [] }
      return (result, state.waiting)
    }
    for continuation in waiting { continuation.resume() }
    return result
  }

  private func begin(at position: PagePosition) -> PageNode {
    let link = PageLink()
    let task = Task(executorPreference: executor) { [source, query] in
      try await self.enter()
      let fetched = try await source.fetch(query, at: position) { next in
        link.fill { self.begin(at: next) }
      }
      guard link.next == nil else { return fetched }
      // Only the page itself says whether there is another.
      let page = try await source.read(fetched, of: query)
      if let next = page.next { link.fill { self.begin(at: next) } }
      return FetchedPage(page, at: position)
    }
    let isCancelled = state.withLock { state in
      state.tasks.append(task)
      return state.isCancelled
    }
    if isCancelled { task.cancel() }
    return PageNode(page: task, link: link)
  }

  /// Waits until there is room for another page.
  private nonisolated(nonsending) func enter() async throws {
    while true {
      try Task.checkCancellation()
      let isIn = state.withLock { state in
        guard state.ahead < state.depth || state.isCancelled else { return false }
        state.ahead += 1
        return true
      }
      if isIn { return try Task.checkCancellation() }
      await withCheckedContinuation { continuation in
        let mayGoOn = state.withLock { state in
          if state.ahead < state.depth || state.isCancelled { return true }
          state.waiting.append(continuation)
          return false
        }
        if mayGoOn { continuation.resume() }
      }
    }
  }
}

/// A page under way, and the one behind it as soon as that is known.
private struct PageNode: Sendable {
  let page: Task<FetchedPage, any Error>
  let link: PageLink

  var next: PageNode? { link.next }
}

private final class PageLink: Sendable {
  private let node = Mutex<PageNode?>(nil)

  var next: PageNode? { node.withLock { $0 } }

  /// The first to know where the next page begins starts it.
  func fill(_ make: () -> PageNode) {
    node.withLock { node in
      if node == nil { node = make() }
    }
  }
}
