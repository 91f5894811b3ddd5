public import HTTPClient
import Platform

/// One try of a call: what came of it, and whether the call may have changed something although it
/// failed.
struct Exchange<Answer: Sendable>: Sendable {
  let status: Int?
  let requestID: String?
  let result: Result<Answer, AWSError>

  /// A call that was not answered.
  init<Request: AWSRequest>(_ error: TransportError, to call: Call<Request>)
  where Request.Answer == Answer {
    status = nil
    requestID = nil
    result = .failure(call.error(.noAnswer(error)))
  }

  /// A call that was answered, well or ill.
  init<Request: AWSRequest>(_ answer: HTTPAnswer, to call: Call<Request>)
  where Request.Answer == Answer {
    status = answer.status
    requestID = Self.requestID(of: answer)
    do {
      guard answer.status / 100 == 2 else {
        throw try Refusal(answer, wire: Request.service.wire)
      }
      result = .success(try Request.read(answer))
    } catch let refusal as Refusal {
      let cause = AWSError.Cause.refused(
        status: refusal.status, code: refusal.code, message: refusal.message)
      result = .failure(call.error(cause, answer, requestID))
    } catch {
      // An answer that cannot be read was cut short: whether it says yes or no is not known.
      let reason = (error as? any ExplainedError)?.reason ?? "\(error)"
      let cause = AWSError.Cause.unreadable("HTTP \(answer.status), and \(reason)")
      result = .failure(call.error(cause, answer, requestID))
    }
  }

  /// The error, if the call failed.
  var error: AWSError? { if case .failure(let error) = result { error } else { nil } }

  private static func requestID(of answer: HTTPAnswer) -> String? {
    if let field = answer.headers.value(of: "x-amzn-RequestId")
      ?? answer.headers.value(of: "x-amz-request-id")
    {
      return field
    }
    guard let root = try? XMLReader.read(answer.body) else { return nil }
    return root.string("RequestId") ?? root.string("RequestID") ?? root.string("requestId")
      ?? root.descendant("ResponseMetadata")?.string("RequestId")
  }
}

/// Which call it is that an exchange tries, and for the how-manyth time.
struct Call<Request: AWSRequest>: Sendable {
  let request: Request
  let region: String
  let attempt: Int

  func error(
    _ cause: AWSError.Cause, _ answer: HTTPAnswer? = nil, _ requestID: String? = nil
  ) -> AWSError {
    AWSError(
      call: Request.iamAction, region: region, cause: cause, requestID: requestID,
      hostID: answer?.headers.value(of: "x-amz-id-2"),
      retryAfter: answer.flatMap(RetryRules.asked), attempts: attempt,
      mayHaveTakenEffect: !request.mayBeRepeated && mayHaveTakenEffect(cause))
  }

  private func mayHaveTakenEffect(_ cause: AWSError.Cause) -> Bool {
    switch cause {
    case .noAnswer(let error): error.mayHaveArrived
    case .unreadable: true
    case .notSent: false
    case .refused(let status, let code, _):
      !RetryRules.isThrottling(code) && RetryRules.isTransient(status: status, code: code)
    }
  }
}

extension AWSClient {
  /// What an answer means that a caller has exchanged by itself, with ``signed(_:for:in:)``, for what
  /// `request` asks for: nil when that was granted.
  public static func error<Request: AWSRequest>(
    of answer: HTTPAnswer, to request: Request, in region: String
  ) -> AWSError? {
    Exchange(answer, to: Call(request: request, region: region, attempt: 1)).error
  }
}
