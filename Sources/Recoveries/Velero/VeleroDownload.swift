import Compression
import Cryptography
import HTTPClient
import KubernetesClient
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// Fetches what Velero keeps in the bucket, by a DownloadRequest: Velero answers with a signed URL,
/// which is asked without any credentials of the cluster.
struct VeleroDownload {
  /// How long Velero is given to answer, and the bucket.
  static let patience: Duration = .seconds(30)
  /// How often the bucket is asked.
  static let maximumAttempts = 5
  /// The largest file, and what it may grow to.
  static let fileLimit = 64 << 20
  static let contentLimit = 256 << 20

  let access: ClusterAccess
  let namespace: String

  /// The calls that it makes; a person learns the same from Velero's own command line.
  ///
  /// - Parameter kind: `backup` or `restore`.
  func calls(_ kind: String, _ name: String, isOptional: Bool = false) -> [PlannedCall] {
    let describe = access.velero(kind, "describe", name, "--details", in: namespace)
    let logs = access.velero(kind, "logs", name, in: namespace)
    let requests: [(KubernetesRequest.Verb, KubernetesResource, [String])] = [
      (.create, .downloadRequests, describe), (.get, .downloadRequests, describe),
      (.delete, .downloadRequests, logs), (.get, .storageLocations, logs),
    ]
    return requests.map { verb, resource, command in
      access.plan(verb, resource, in: namespace, command: command, isOptional: isOptional)
    }
  }

  /// A JSON file of a backup or a restore; nil when Velero did not write one.
  ///
  /// - Parameters:
  ///   - kind: `RestoreResults` and its like.
  ///   - location: the storage location it lies in.
  func json(
    _ kind: String, of name: String, in location: String, _ context: StepContext
  ) async throws -> JSONValue? {
    let made = try await access.send(
      .create(
        .downloadRequests,
        [
          "apiVersion": "velero.io/v1", "kind": "DownloadRequest",
          "metadata": ["generateName": "mosaic-dr-"],
          "spec": ["target": ["kind": .string(kind), "name": .string(name)]],
        ], in: namespace), context)
    let result: Result<JSONValue?, any Error>
    do {
      result = .success(try await fetch(made.objectName, kind, in: location, context))
    } catch { result = .failure(error) }
    // Velero removes it after ten minutes by itself.
    _ = try? await access.send(
      .delete(.downloadRequests, made.objectName, in: namespace, uid: made.objectUID), context)
    return try result.get()
  }

  /// The same for what a run can do without: why it cannot be had is a finding.
  func noted(
    _ kind: String, of name: String, in location: String, _ context: StepContext
  ) async -> JSONValue? {
    do {
      return try await json(kind, of: name, in: location, context)
    } catch {
      let why = (error as? any ExplainedError)?.description ?? "\(error)"
      context.note(Finding(.note, "\(kind) of \(name) could not be read: \(why)"))
      return nil
    }
  }

  private func fetch(
    _ request: String, _ kind: String, in location: String, _ context: StepContext
  ) async throws -> JSONValue? {
    let url = try await url(request, kind, context)
    var get = HTTPRequest(
      method: "GET", url: url, timeout: Self.patience, maximumAnswerSize: Self.fileLimit)
    if let found = try await access.find(.storageLocations, location, in: namespace, context),
      let text = found.at("spec", "objectStorage", "caCert")?.stringValue
    {
      get.transport.authorities = Base64.decode(text)
    }
    let answer = try await answer(to: get, context)
    // A bucket whose reader may not list it says 403 for what is not there.
    if answer.status == 404 || answer.status == 403 { return nil }
    guard answer.status == 200 else { throw problem(kind, "HTTP \(answer.status)") }
    var content: [UInt8] = []
    let reader = try GzipReader()
    try reader.read(answer.body) { part in
      guard content.count + part.count <= Self.contentLimit else {
        throw problem(kind, "it is larger than \(Self.contentLimit) bytes")
      }
      content.append(contentsOf: part)
    }
    try reader.finish()
    return try JSONValue(parsing: content)
  }

  /// A bucket that is busy, or a connection that breaks, is no reason to do without the file.
  private func answer(
    to request: HTTPRequest, _ context: StepContext
  ) async throws -> HTTPAnswer {
    var pause: Duration = .milliseconds(200)
    for _ in 1..<Self.maximumAttempts {
      do {
        let answer = try await access.directory.http.send(request)
        guard answer.status >= 500 || answer.status == 429 else { return answer }
      } catch let error as TransportError {
        if [.tlsRefused, .notARequest, .answerTooLarge].contains(error.kind) { throw error }
      }
      try await context.time.sleep(for: pause * (0.5 + 0.5 * context.random.unitInterval()))
      pause = min(pause * 2, .seconds(5))
    }
    return try await access.directory.http.send(request)
  }

  private func url(
    _ request: String, _ kind: String, _ context: StepContext
  ) async throws -> String {
    let limit = context.time.now().sinceBoot + Self.patience.wholeNanoseconds
    var pause: Duration = .milliseconds(100)
    while context.time.now().sinceBoot < limit {
      let found = try await access.find(.downloadRequests, request, in: namespace, context)
      if let url = found?.at("status", "downloadURL")?.stringValue, !url.isEmpty { return url }
      if let message = found?.at("status", "message")?.stringValue, !message.isEmpty {
        throw problem(kind, message)
      }
      try await context.time.sleep(for: pause)
      pause = min(pause * 2, .seconds(2))
    }
    throw problem(kind, "Velero gave no URL within \(Self.patience.readable)")
  }

  private func problem(_ kind: String, _ reason: String) -> Problem {
    Problem(
      "what Velero wrote down cannot be fetched", on: kind, because: reason,
      fix: "Look with 'velero restore describe --details' and 'velero restore logs'.")
  }
}
