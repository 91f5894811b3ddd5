public import StrictJSON

extension KubernetesClient {
  /// How many objects are asked for at once, and how many pages are read.
  static let pageSize = 500
  static let maximumPages = 200

  /// Every object of a kind, read in pages of one moment. When the server forgets the moment meanwhile
  /// (410), everything is read at once, as kubectl does.
  ///
  /// - Parameter namespace: nil for all, or for objects that have none.
  /// - Throws: ``KubernetesError``; `CancellationError`.
  public func list(
    _ resource: KubernetesResource, in namespace: String?,
    _ selector: ObjectSelector = ObjectSelector(), log: KubernetesCallLog? = nil
  ) async throws -> ObjectList {
    try await list(resource, in: namespace, selector, of: Self.pageSize, log: log)
  }

  func list(
    _ resource: KubernetesResource, in namespace: String?, _ selector: ObjectSelector,
    of pageSize: Int, log: KubernetesCallLog?
  ) async throws -> ObjectList {
    do {
      return try await pages(resource, namespace, selector, of: pageSize, log)
    } catch let error as KubernetesError where error.isExpired {
      return try await pages(resource, namespace, selector, of: nil, log)
    }
  }

  private func pages(
    _ resource: KubernetesResource, _ namespace: String?, _ selector: ObjectSelector,
    of pageSize: Int?, _ log: KubernetesCallLog?
  ) async throws -> ObjectList {
    var items: [JSONValue] = []
    var version: String?
    var next: String?
    for _ in 0..<Self.maximumPages {
      let page = try await send(
        KubernetesRequest(
          .list, resource, nil, in: namespace,
          query: (pageSize.map { [("limit", "\($0)")] } ?? []) + selector.query
            + (next.map { [("continue", $0)] } ?? [])), log: log)
      items += page["items"]?.arrayValue ?? []
      version = version ?? page.resourceVersion
      next = page.at("metadata", "continue")?.nonEmptyText
      if next == nil { return ObjectList(items: items, resourceVersion: version ?? "") }
    }
    throw KubernetesError(
      call: "list \(resource)", place: place,
      cause: .unreadable("there are more than \(Self.maximumPages * Self.pageSize) objects"),
      retryAfter: nil, mayHaveTakenEffect: false)
  }

  /// The object of that name; nil when there is none.
  public func find(
    _ resource: KubernetesResource, _ name: String, in namespace: String?,
    log: KubernetesCallLog? = nil
  ) async throws -> JSONValue? {
    do {
      return try await send(.get(resource, name, in: namespace), log: log)
    } catch let error as KubernetesError where error.isMissing {
      return nil
    }
  }

  /// How often a change is tried again on the object's newer form.
  static let maximumConflicts = 5

  /// Reads an object, changes it, and tries again when somebody else was faster (409).
  ///
  /// - Parameter patch: the change to make to the object as it is; nil to leave it.
  /// - Returns: the object as it then is.
  public func change(
    _ resource: KubernetesResource, _ name: String, in namespace: String?,
    log: KubernetesCallLog? = nil, _ patch: (JSONValue) -> JSONObject?
  ) async throws -> JSONValue {
    var conflicts = 0
    while true {
      let object = try await send(.get(resource, name, in: namespace), log: log)
      guard var change = patch(object) else { return object }
      var metadata = change["metadata"]?.objectValue ?? [:]
      metadata["resourceVersion"] = .string(object.resourceVersion)
      change["metadata"] = .object(metadata)
      do {
        return try await send(.merge(resource, name, .object(change), in: namespace), log: log)
      } catch let error as KubernetesError where error.isConflict {
        conflicts += 1
        guard conflicts < Self.maximumConflicts else { throw error }
      }
    }
  }
}
