import Foundation
import Platform
import StrictJSON
import Testing

@testable import KubernetesClient

/// The client against a real API server; one test after another, since one of them makes the server forget
/// the past.
@Suite(
  .serialized, .enabled(if: LabCluster.isUp, "no lab with a cluster is up: run scripts/test"))
struct ClusterTests {
  private let lab: LabCluster

  init() throws { lab = try LabCluster() }

  private func filled(_ count: Int) async throws -> (KubernetesClient, String) {
    let client = try lab.client()
    let namespace = try await lab.namespace()
    for number in 1...count {
      _ = try await client.send(
        .create(.configMaps, LabCluster.configMap("c-\(number)"), in: namespace))
    }
    return (client, namespace)
  }

  @Test func aListIsReadInPages() async throws {
    let (client, namespace) = try await filled(5)
    let log = KubernetesCallLog()
    let list = try await client.list(
      .configMaps, in: namespace, ObjectSelector(), of: 2, log: log)
    #expect(list.items.map(\.objectName) == (1...5).map { "c-\($0)" })
    #expect(log.kept.map(\.status) == [200, 200, 200])
  }

  @Test func aListWhoseMomentIsForgottenIsReadAtOnce() async throws {
    let (client, namespace) = try await filled(5)
    try await lab.fault([
      "kind": "kube-status", "status": 410, "reason": "Expired",
      "path": .string("\(namespace)/configmaps.*continue="),
    ])
    let log = KubernetesCallLog()
    let list = try await client.list(
      .configMaps, in: namespace, ObjectSelector(), of: 2, log: log)
    #expect(list.items.count == 5)
    #expect(log.kept.map(\.status) == [200, 410, 200])
  }

  /// What the server says when etcd was compacted in the middle of a list.
  @Test func theServerForgetsTheMomentOfAList() async throws {
    let (client, namespace) = try await filled(3)
    let page = try await client.send(
      KubernetesRequest(.list, .configMaps, nil, in: namespace, query: [("limit", "1")]))
    let next = try #require(page.at("metadata", "continue")?.stringValue)
    _ = try await client.send(
      .create(.configMaps, LabCluster.configMap("later"), in: namespace))
    try await lab.compact()
    let error = try await #require(throws: KubernetesError.self) {
      try await client.send(
        KubernetesRequest(
          .list, .configMaps, nil, in: namespace, query: [("limit", "1"), ("continue", next)]))
    }
    #expect(error.isExpired, "\(error)")
  }

  @Test func aWatchTellsWhatHappens() async throws {
    let (client, namespace) = try await filled(1)
    var version = try await client.list(.configMaps, in: namespace).resourceVersion
    async let made = client.send(
      .create(.configMaps, LabCluster.configMap("new"), in: namespace))
    var seen: [String] = []
    let end = try await client.watch(
      .configMaps, in: namespace, ObjectSelector(), from: &version, for: .seconds(20), log: nil
    ) { event in
      if case .added(let object) = event { seen.append(object.objectName) }
      return false
    }
    guard case .enough = end else {
      Issue.record("the watch ended by itself: \(end)")
      return
    }
    #expect(seen == ["new"])
    #expect(version == (try await made).resourceVersion)
  }

  /// Shortly before a watch ends, the server tells how far it has looked, if anything happened meanwhile.
  @Test func bookmarksMoveAWatchOnWithoutAnEvent() async throws {
    let (client, namespace) = try await filled(1)
    let (_, elsewhere) = try await filled(1)
    let start = try await client.list(.configMaps, in: namespace).resourceVersion
    let changes = Task {
      var count = 0
      while !Task.isCancelled {
        count += 1
        _ = try await client.send(
          .merge(.configMaps, "c-1", ["data": ["count": .string("\(count)")]], in: elsewhere))
      }
    }
    defer { changes.cancel() }
    var version = start
    var events = 0
    let end = try await client.watch(
      .configMaps, in: namespace, ObjectSelector(), from: &version, for: .seconds(4), log: nil
    ) { _ in
      events += 1
      return true
    }
    guard case .closed = end else {
      Issue.record("the watch ended otherwise: \(end)")
      return
    }
    #expect(events == 0)
    #expect(version != start)
  }

  @Test func aWatchFromAForgottenMomentIsTold() async throws {
    var version = "1"
    let end = try await lab.client().watch(
      .restores, in: "velero", ObjectSelector(), from: &version, for: .seconds(5), log: nil
    ) { _ in true }
    guard case .expired = end else {
      Issue.record("the watch ended otherwise: \(end)")
      return
    }
  }

  @Test func aThrottledRequestWaitsAsLongAsItIsAsked() async throws {
    let (_, namespace) = try await filled(1)
    try await lab.fault([
      "kind": "kube-status", "status": 429, "seconds": 7, "count": 2,
      "path": .string("\(namespace)/configmaps/c-1"),
    ])
    let clock = MovableClock()
    let log = KubernetesCallLog()
    let object = try await lab.client(time: clock).send(
      .get(.configMaps, "c-1", in: namespace), log: log)
    #expect(object.objectName == "c-1")
    #expect(clock.pauses == [.seconds(7), .seconds(7)])
    #expect(log.kept.map(\.status) == [429, 429, 200])
  }

  /// Each conflict means that another one was faster: of four, nobody loses more than three times.
  @Test func whoeverIsSlowerReadsAgainAndChangesAgain() async throws {
    let (client, namespace) = try await filled(1)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          _ = try await client.change(.configMaps, "c-1", in: namespace) { object in
            let count = object.at("data", "count")?.stringValue.flatMap { Int($0) } ?? 0
            return ["data": ["count": .string("\(count + 1)")]]
          }
        }
      }
      try await group.waitForAll()
    }
    let object = try await client.send(.get(.configMaps, "c-1", in: namespace))
    #expect(object.at("data", "count") == "4")
  }

  @Test func fieldsOfAnotherManagerAreTakenOverOnlyWhenAsked() async throws {
    let client = try lab.client()
    let namespace = try await lab.namespace()
    let theirs = LabCluster.configMap("shared", ["mode": "theirs"])
    let ours = LabCluster.configMap("shared", ["mode": "ours"])
    _ = try await client.send(
      KubernetesRequest(
        .patch, .configMaps, "shared", in: namespace, query: [("fieldManager", "somebody")],
        body: theirs, contentType: "application/apply-patch+yaml"))
    let conflict = try await #require(throws: KubernetesError.self) {
      try await client.send(.apply(.configMaps, "shared", ours, in: namespace))
    }
    #expect(conflict.isConflict)
    #expect(conflict.reason.contains("conflict with \"somebody\""), "\(conflict.reason)")
    #expect(conflict.reason.contains(".data.mode"), "\(conflict.reason)")
    let taken = try await client.send(
      .apply(.configMaps, "shared", ours, in: namespace, takesOver: true))
    #expect(taken.at("data", "mode") == "ours")
    let managers = taken.at("metadata", "managedFields")?.arrayValue?.map { $0["manager"] }
    #expect(managers?.contains(.some(.string(KubernetesRequest.fieldManager))) == true)
  }

  @Test func aDryRunIsJudgedAndChangesNothing() async throws {
    let (client, namespace) = try await filled(1)
    let new = LabCluster.configMap("new")
    #expect(
      try await client.send(.create(.configMaps, new, in: namespace, isDryRun: true)).objectUID
        != "")
    _ = try await client.send(.apply(.configMaps, "new", new, in: namespace, isDryRun: true))
    let there = try await client.send(.get(.configMaps, "c-1", in: namespace))
    _ = try await client.send(
      .delete(.configMaps, "c-1", in: namespace, uid: there.objectUID, isDryRun: true))
    #expect(
      try await client.list(.configMaps, in: namespace).items.map(\.objectName) == ["c-1"])
    let wrong: JSONValue = [
      "apiVersion": "velero.io/v1", "kind": "Restore", "metadata": ["name": "wrong"],
      "spec": ["backupName": 7],
    ]
    let refusal = try await #require(throws: KubernetesError.self) {
      try await client.send(.create(.restores, wrong, in: "velero", isDryRun: true))
    }
    #expect(refusal.status == 422)
    #expect(refusal.reason.contains("spec.backupName"), "\(refusal.reason)")
  }

  @Test func anObjectOfAnotherIdentityIsNotDeleted() async throws {
    let (client, namespace) = try await filled(1)
    let error = try await #require(throws: KubernetesError.self) {
      try await client.send(.delete(.configMaps, "c-1", in: namespace, uid: "another"))
    }
    #expect(error.isConflict, "\(error)")
    #expect(try await client.find(.configMaps, "c-1", in: namespace) != nil)
  }

  @Test(arguments: [
    ("stranger", 403, "configmaps", "mosaic-dr permissions"),
    ("expired", 401, "Unauthorized", "Log in again"),
  ])
  func whoMayNotIsTold(user: String, status: Int, reason: String, remedy: String) async throws {
    let error = try await #require(throws: KubernetesError.self) {
      try await lab.client(as: user).list(.configMaps, in: "velero")
    }
    #expect(error.status == status)
    #expect(error.reason.contains(reason), "\(error.reason)")
    #expect(error.remedy.contains(remedy))
  }
}
