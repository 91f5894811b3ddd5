import Platform
public import StrictJSON
import Synchronization

/// Follows one object: each look waits until something happens to it, or for a while, and then tells
/// how it stands.
///
/// The watch only wakes: what counts is the object as it is read afterwards, so that an event that is
/// lost, late or doubled changes nothing.
public final class ObjectFollower: Sendable {
  private let client: KubernetesClient
  private let resource: KubernetesResource
  private let name: String
  private let namespace: String?
  /// Where the next watch begins; nil before the first look.
  private let version = Mutex<String?>(nil)

  /// Names the object.
  public init(
    _ client: KubernetesClient, _ resource: KubernetesResource, _ name: String,
    in namespace: String?
  ) {
    self.client = client
    self.resource = resource
    self.name = name
    self.namespace = namespace
  }

  /// The object as it is; nil when it is not there. Only the first look returns at once.
  ///
  /// - Parameter time: how long to wait for a change; then the object is read all the same.
  public func next(
    within time: Duration, log: KubernetesCallLog? = nil
  ) async throws -> JSONValue? {
    if var from = version.withLock({ $0 }) {
      let end = try await client.watch(
        resource, in: namespace, .name(name), from: &from, for: time, log: log
      ) { _ in false }
      if case .closed = end { try await client.time.sleep(for: .milliseconds(200)) }
    }
    let list = try await client.list(resource, in: namespace, .name(name), log: log)
    version.withLock { $0 = list.resourceVersion }
    return list.items.first
  }
}
