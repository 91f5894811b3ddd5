import Platform
import Testing

@Suite struct TimestampTests {
  @Test(
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2026-11-24T03:00:00.5Z", 1_795_489_200_500_000_000),
      ("2026-11-24T04:00:00.500+01:00", 1_795_489_200_500_000_000),
      ("1969-12-31T23:59:59.999999999Z", -1), ("2000-02-29T12:00:00Z", 951_825_600_000_000_000),
    ] as [(String, Int64)])
  func readsRFC3339(text: String, nanoseconds: Int64) {
    #expect(Timestamp(text)?.nanoseconds == nanoseconds)
  }

  @Test(arguments: [
    "", "2026-11-24", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-11-24T24:00:00Z",
    "2026-11-24T03:00:00", "2026-11-24T03:00:00.Z", "2026-11-24T03:00:00Zx",
    "9999-12-31T00:00:00Z", "2026-11-24T03:00:00.1234567890Z",
  ])
  func refusesWhatIsNotATime(text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test func printsWhatItReads() throws {
    let random = SeededRandom(seed: 7)
    for _ in 0..<2_000 {
      let moment = Timestamp(nanoseconds: Int64(bitPattern: random.next()))
      #expect(Timestamp(moment.formatted(fractionDigits: 9)) == moment)
    }
  }

  @Test func theEarliestAndTheLatestMomentCanBePrinted() {
    let earliest = Timestamp(nanoseconds: .min)
    #expect(earliest.formatted(fractionDigits: 9) == "1677-09-21T00:12:43.145224192Z")
    let latest = Timestamp(nanoseconds: .max)
    #expect(latest.formatted(fractionDigits: 9) == "2262-04-11T23:47:16.854775807Z")
  }

  @Test func basicFormatIsRFC3339WithoutItsMarks() {
    let random = SeededRandom(seed: 8)
    let moments = (0..<2_000).map { _ in Timestamp(nanoseconds: Int64(bitPattern: random.next())) }
    for moment in moments + [Timestamp(nanoseconds: .min), Timestamp(nanoseconds: .max)] {
      let text = moment.formatted(fractionDigits: 0)
      #expect(moment.basicFormat == text.filter { $0 != "-" && $0 != ":" }, "\(text)")
    }
  }

  @Test func arithmeticSaturates() {
    #expect(Timestamp(nanoseconds: .max) + .seconds(1) == Timestamp(nanoseconds: .max))
    #expect(Timestamp(nanoseconds: .min) - .seconds(1) == Timestamp(nanoseconds: .min))
    #expect(Timestamp(unixSeconds: 10) - Timestamp(unixSeconds: 4) == .seconds(6))
  }

  @Test(arguments: [
    (850, "850 ms"), (4_200, "4.2 s"), (725_000, "12 m 05 s"), (12_000_000, "3 h 20 m"),
    (-4_200, "-4.2 s"), (0, "0.0 s"), (187_200_000, "2 d 04 h"),
  ])
  func durationsReadWell(milliseconds: Int, text: String) {
    #expect(Duration.milliseconds(milliseconds).readable == text)
  }
}
