import KubernetesClient
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// The marks by which an object proves that one step of one run made it with one request.
enum ObjectOwnership {
  static let run = "dr.mosaic.life/run"
  static let step = "dr.mosaic.life/step"
  static let mode = "dr.mosaic.life/mode"
  static let request = "dr.mosaic.life/request-sha256"

  /// A label: what belongs to a run can be listed.
  static func labels(_ context: StepContext) -> JSONObject {
    [
      run: .string(context.run.description), mode: .string(context.mode.rawValue),
      "app.kubernetes.io/managed-by": "mosaic-dr",
    ]
  }

  /// The labels before a run, with placeholders.
  static let planned: JSONObject = [
    run: "<run>", mode: "<mode>", "app.kubernetes.io/managed-by": "mosaic-dr",
  ]

  /// An object with more labels and annotations.
  static func marked(_ object: JSONValue, with marks: [String: JSONObject]) -> JSONValue {
    var marked = object.objectValue ?? [:]
    var metadata = marked["metadata"]?.objectValue ?? [:]
    for (field, own) in marks {
      var all = metadata[field]?.objectValue ?? [:]
      for (key, value) in own.members { all[key] = value }
      metadata[field] = .object(all)
    }
    marked["metadata"] = .object(metadata)
    return .object(marked)
  }

  static func annotations(_ context: StepContext, requestDigest: String) -> JSONObject {
    [
      run: .string(context.run.description), step: .string(context.step),
      request: .string(requestDigest),
    ]
  }

  /// What an object is, held against what a step was about to make.
  static func judge(
    _ object: JSONValue?, run id: ULID, step maker: String, requestDigest: String, what: String
  ) -> Existing<ObjectIdentity> {
    guard let object else { return .absent }
    let marks = object.annotations
    guard marks[run] == id.description, marks[step] == maker, marks[request] == requestDigest else {
      let made = object.at("metadata", "creationTimestamp")?.stringValue ?? "an unknown time"
      return .foreign("\(what) (uid \(object.objectUID), made at \(made))")
    }
    return .ours(ObjectIdentity(name: object.objectName, uid: object.objectUID))
  }
}

/// What names an object for ever.
struct ObjectIdentity: Codable, Sendable, Equatable {
  let name: String
  let uid: String
}

extension ClusterAccess {
  /// Goes one step towards the removal of an object that this run made: it is read right before, must
  /// be the same one and carry the run's mark, and is deleted by its uid.
  func remove(
    _ resource: KubernetesResource, _ identity: ObjectIdentity, in namespace: String?,
    what: String, _ context: StepContext
  ) async throws -> Observation<Removed> {
    let object: JSONValue
    do {
      object = try await send(.get(resource, identity.name, in: namespace), context)
    } catch let error as KubernetesError where error.isMissingObject {
      return .ready(Removed(what: what))
    }
    guard object.objectUID == identity.uid,
      object.annotations[ObjectOwnership.run] == context.run.description
    else {
      throw Problem(
        "something else has the name of what is to be removed; it is left alone", on: what,
        because: object.objectUID == identity.uid
          ? "it does not carry this run's mark"
          : "it is \(object.objectUID), and this run made \(identity.uid)",
        fix: "Find out whose it is; what this run made is gone.")
    }
    if object.isBeingDeleted { return .waiting(Progress(deletion(of: object))) }
    do {
      _ = try await send(
        .delete(resource, identity.name, in: namespace, uid: identity.uid), context)
    } catch let error as KubernetesError where error.isMissingObject {
      return .ready(Removed(what: what))
    }
    return .waiting(Progress("deleting", isNear: true))
  }

  /// What a deletion still waits for, in the server's words.
  private func deletion(of object: JSONValue) -> String {
    let kinds = ["NamespaceContentRemaining", "NamespaceFinalizersRemaining"]
    let left = kinds.compactMap { object.condition($0) }.filter { $0["status"] == "True" }
      .compactMap { $0["message"]?.stringValue }
    let finalizers = object.at("metadata", "finalizers")?.arrayValue?.compactMap(\.stringValue)
    if !left.isEmpty { return "deleting: \(left.joined(separator: "; "))" }
    return finalizers.map { "deleting, held by \($0.joined(separator: ", "))" } ?? "deleting"
  }
}
