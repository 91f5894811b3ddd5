/// How long one exchange with a service may take.
public struct ExchangeBounds: Sendable, Equatable {
  /// The bound on the whole exchange.
  public var whole: Duration
  /// The bound on a call that the service works on before it answers, as a copy within S3.
  public var longCall: Duration
  /// The bound on silence in such a call. S3 sends white space while it copies or puts parts together (API
  /// Reference, "CopyObject", "CompleteMultipartUpload").
  public var silence: Duration

  /// Creates bounds.
  public init(
    whole: Duration = .seconds(30), longCall: Duration = .seconds(3_600),
    silence: Duration = .seconds(180)
  ) {
    self.whole = whole
    self.longCall = longCall
    self.silence = silence
  }
}
