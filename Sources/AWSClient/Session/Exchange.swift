import HTTPClient
import Platform

/// One try of a call, answered or not, before it is known whether it counts as an error.
struct Exchange {
  private enum Content {
    case result(XMLElement)
    case failure(AWSError.Cause)
  }

  let status: Int?
  let requestID: String?
  private let content: Content

  init(_ error: TransportError) {
    status = nil
    requestID = nil
    content = .failure(.noAnswer(error))
  }

  init(_ answer: HTTPAnswer) {
    status = answer.status
    var requestID = answer.headers.value(of: "x-amzn-RequestId")
    do throws(Problem) {
      let root = try XMLReader.read(answer.body)
      requestID = requestID ?? Self.requestID(in: root)
      if answer.status / 100 == 2 {
        content = .result(root)
      } else {
        let error = root.name == "Error" ? root : root.child("Error")
        content = .failure(
          .refused(
            status: answer.status, code: error?.string("Code") ?? "",
            message: error?.string("Message") ?? "HTTP \(answer.status) without an explanation"))
      }
    } catch {
      // A gateway's own page says nothing but its status. Any other answer that cannot be read was cut
      // short: whether it says yes or no is not known.
      content = .failure(
        answer.status / 100 == 5
          ? .refused(
            status: answer.status, code: "",
            message: "HTTP \(answer.status) without an explanation")
          : .unreadable("HTTP \(answer.status), and \(error.reason)"))
    }
    self.requestID = requestID
  }

  /// Nil when the call succeeded.
  func error<Request: AWSRequest>(
    of request: Request, region: String, attempts: Int
  ) -> AWSError? {
    guard case .failure(let cause) = content else { return nil }
    return AWSError(
      call: Request.iamAction, region: region, cause: cause, requestID: requestID,
      attempts: attempts, mayHaveTakenEffect: mayHaveTakenEffect(cause, Request.effect))
  }

  /// - Throws: ``AWSError`` when the answer is not what the service is documented to send.
  func answer<Request: AWSRequest>(
    to request: Request, region: String, attempts: Int
  ) throws(AWSError) -> Request.Answer {
    do {
      guard case .result(let root) = content, let result = root.child("\(Request.action)Result")
      else {
        throw Problem(
          "cannot read the answer", because: "the answer has no \(Request.action)Result",
          fix: "Check that the endpoint is the AWS service.")
      }
      return try Request.answer(from: result)
    } catch {
      let reason = (error as? any ExplainedError)?.reason ?? "\(error)"
      let cause = AWSError.Cause.unreadable(reason)
      throw AWSError(
        call: Request.iamAction, region: region, cause: cause, requestID: requestID,
        attempts: attempts, mayHaveTakenEffect: mayHaveTakenEffect(cause, Request.effect))
    }
  }

  private func mayHaveTakenEffect(_ cause: AWSError.Cause, _ effect: RequestEffect) -> Bool {
    guard effect != .reads else { return false }
    switch cause {
    case .noAnswer(let error): return error.mayHaveArrived
    case .unreadable: return true
    case .refused(let status, let code, _):
      return !RetryRules.isThrottling(code) && RetryRules.isTransient(status: status, code: code)
    }
  }

  private static func requestID(in root: XMLElement) -> String? {
    root.string("RequestId") ?? root.descendant("ResponseMetadata")?.string("RequestId")
  }
}
