import CCurl
import Platform

/// What one request alone asks of its handle, which serves no other request after that; see
/// ``Submission/isOrdinary``.
struct RequestSetup {
  let request: HTTPRequest
  let address: ServerAddress

  func apply(to handle: EasyHandle) {
    // On a connection of its own a request is never sent again: see ``HTTPRequest/mayBeRepeated``.
    if !request.mayBeRepeated { handle.set(CURLOPT_FRESH_CONNECT, 1) }
    if let connection = address.connection { handle.connect(to: connection) }
    if let authorities = request.transport.authorities {
      handle.setCopy(of: authorities, for: CURLOPT_CAINFO_BLOB)
      handle.trustNoFolder()
    }
    if let identity = request.transport.identity {
      handle.setCopy(of: identity.certificate, for: CURLOPT_SSLCERT_BLOB)
      handle.setCopy(of: identity.key.reveal(), for: CURLOPT_SSLKEY_BLOB)
    }
    if request.hasBody {
      handle.setBody(request.body)
      handle.set(CURLOPT_CUSTOMREQUEST, request.method)
    }
  }
}
