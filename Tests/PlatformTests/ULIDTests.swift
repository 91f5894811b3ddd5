import Platform
import Testing

@Suite struct ULIDTests {
  @Test func sortsByTime() {
    let random = SeededRandom(seed: 1)
    let early = ULID(at: Timestamp(unixSeconds: 1_000), random: random)
    let late = ULID(at: Timestamp(unixSeconds: 1_001), random: random)
    #expect(early < late)
    #expect(early.description.count == 26)
    #expect(early.shortForm.count == 10)
  }

  @Test func timeHasTheDigitsOfTheSpecification() {
    // 1469918176385 ms is the example of the ULID specification: 01ARYZ6S41…
    let moment = Timestamp(nanoseconds: 1_469_918_176_385_000_000)
    #expect(ULID(at: moment, random: SeededRandom(seed: 3)).description.hasPrefix("01ARYZ6S41"))
  }

  @Test func readsEitherCaseAndRefusesTheRest() throws {
    let made = ULID(at: Timestamp(unixSeconds: 1_795_489_200), random: SystemRandom())
    #expect(ULID(made.description.lowercased()) == made)
    for text in ["", "01ARYZ6S41", "81ARYZ6S41TSV4RRFFQ69G5FAV", "01ARYZ6S41TSV4RRFFQ69G5FAI"] {
      #expect(ULID(text) == nil)
    }
  }
}
