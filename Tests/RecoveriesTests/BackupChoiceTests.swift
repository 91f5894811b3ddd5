import KubernetesClient
import Platform
import StrictJSON
import Testing

@testable import Recoveries

@Suite struct BackupChoiceTests {
  private static let now = Timestamp("2026-11-25T12:00:00Z") ?? Timestamp(nanoseconds: 0)
  private static let location: JSONValue = [
    "metadata": ["name": "default"],
    "status": ["phase": "Available", "lastValidationTime": "2026-11-25T11:59:30Z"],
  ]

  private func backup(
    _ name: String, began: String, phase: String = "Completed",
    expires: String = "2026-12-25T00:00:00Z", location: String = "default"
  ) -> JSONValue {
    [
      "metadata": ["name": .string(name)], "spec": ["storageLocation": .string(location)],
      "status": [
        "phase": .string(phase), "startTimestamp": .string(began), "expiration": .string(expires),
      ],
    ]
  }

  private func choose(
    _ backups: [JSONValue], acceptsPartial: Bool = false, asked: Timestamp? = nil,
    incident: Timestamp = now, locations: [JSONValue] = [location]
  ) -> (String?, [String]) {
    let choice = BackupChoice(
      acceptsPartial: acceptsPartial, bound: RecoveryBound(asked: asked, incident: incident),
      now: Self.now)
    let (backup, refused) = choice.choose(backups, locations)
    return (backup?.at("metadata", "name")?.stringValue, refused)
  }

  @Test func theNewestByItsStartIsTaken() {
    let (name, refused) = choose([
      backup("old", began: "2026-11-23T00:00:00Z"), backup("new", began: "2026-11-25T00:00:00Z"),
      backup("partial", began: "2026-11-25T06:00:00Z", phase: "PartiallyFailed"),
      backup("running", began: "2026-11-25T11:00:00Z", phase: "FinalizingPartiallyFailed"),
    ])
    #expect(name == "new")
    #expect(refused.count == 2)
    #expect(refused.first == "running is FinalizingPartiallyFailed")
  }

  @Test func aPartialOneIsTakenOnlyWhenThePlanSaysSo() {
    let partial = backup("p", began: "2026-11-25T06:00:00Z", phase: "PartiallyFailed")
    #expect(choose([partial]).0 == nil)
    #expect(choose([partial], acceptsPartial: true).0 == "p")
  }

  @Test func oneThatExpiresOrIsTooNewOrOutOfReachIsNot() throws {
    let began = "2026-11-25T06:00:00Z"
    #expect(
      choose([backup("a", began: began, expires: "2026-11-25T13:00:00Z")]).1.first
        == "a expires at 2026-11-25T13:00:00.000Z")
    #expect(
      choose([backup("a", began: began, expires: "2026-11-24T13:00:00Z")]).1.first
        == "a has expired")
    let earlier = try #require(Timestamp("2026-11-25T05:00:00Z"))
    #expect(choose([backup("a", began: began)], asked: earlier).0 == nil)
    #expect(
      choose([backup("a", began: began)], incident: earlier).1 == [
        "a began at 2026-11-25T06:00:00.000Z, after the incident, 2026-11-25T05:00:00.000Z"
      ])
    #expect(choose([backup("a", began: began)], asked: Self.now, incident: earlier).0 == "a")
    #expect(choose([backup("a", began: began, location: "other")]).0 == nil)
    let broken: JSONValue = [
      "metadata": ["name": "default"], "status": ["phase": "Unavailable", "message": "no"],
    ]
    #expect(
      choose([backup("a", began: began)], locations: [broken]).1.first
        == "a lies in the storage location default, which is not available: no")
    let stale: JSONValue = [
      "metadata": ["name": "default"],
      "status": ["phase": "Available", "lastValidationTime": "2026-11-25T11:00:00Z"],
    ]
    #expect(
      choose([backup("a", began: began)], locations: [stale]).1.first?.contains("does not run")
        == true)
  }
}
