import CCurl

/// An easy handle of libcurl.
final class EasyHandle {
  let pointer: UnsafeMutableRawPointer
  /// What it was set up for.
  let setup: HandleSetup
  private var hosts: UnsafeMutablePointer<curl_slist>?

  /// Nil when libcurl has no memory for another handle.
  init?(_ setup: HandleSetup, authorities: String?) {
    guard let pointer = curl_easy_init() else { return nil }
    self.pointer = pointer
    self.setup = setup
    setup.apply(to: self, authorities: authorities)
    _ = mdr_setopt_data_callback(pointer, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      Transfer.with(context) { $0.receive(bytes, size * count) }
    }
    _ = mdr_setopt_data_callback(pointer, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      Transfer.with(context) { $0.receiveHeader(bytes, size * count) }
    }
  }

  deinit {
    curl_easy_cleanup(pointer)
    curl_slist_free_all(hosts)
  }

  /// Readies it for one transfer; `context` is that transfer, for the callbacks.
  func begin(_ submission: Submission, context: UnsafeMutableRawPointer) {
    set(CURLOPT_URL, submission.address.url)
    point(to: context, submission.fields.first)
  }

  /// Takes back what ``begin(_:context:)`` lent; its URL is replaced by the next one.
  func end() { point(to: nil, nil) }

  private func point(
    to context: UnsafeMutableRawPointer?, _ fields: UnsafeMutablePointer<curl_slist>?
  ) {
    _ = mdr_setopt_list(pointer, CURLOPT_HTTPHEADER, fields)
    for option in [CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_PRIVATE] {
      _ = mdr_setopt_pointer(pointer, option, context)
    }
  }

  /// What `pointer`, any easy handle, was given as context.
  static func context(of pointer: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    var context: UnsafeMutableRawPointer?
    _ = mdr_getinfo_pointer(pointer, CURLINFO_PRIVATE, &context)
    return context
  }

  func number(_ info: CURLINFO) -> Int {
    var value = 0
    _ = mdr_getinfo_long(pointer, info, &value)
    return value
  }

  func set(_ option: CURLoption, _ value: Int) { _ = mdr_setopt_long(pointer, option, value) }

  func set(_ option: CURLoption, _ value: String) {
    _ = mdr_setopt_string(pointer, option, value)
  }

  /// Else the system's folder of authorities would be trusted besides those that are named.
  func trustNoFolder() { _ = mdr_setopt_string(pointer, CURLOPT_CAPATH, nil) }

  func connect(to place: String) {
    hosts = curl_slist_append(hosts, place)
    _ = mdr_setopt_list(pointer, CURLOPT_CONNECT_TO, hosts)
  }

  func setBody(_ body: [UInt8]) {
    set(CURLOPT_POSTFIELDSIZE, body.count)
    body.withUnsafeBytes { bytes in
      _ = mdr_setopt_pointer(
        pointer, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
    }
    if body.isEmpty { set(CURLOPT_COPYPOSTFIELDS, "") }
  }

  func setCopy(of bytes: [UInt8], for option: CURLoption) {
    var bytes = bytes
    bytes.withUnsafeMutableBytes { buffer in
      var blob = curl_blob(
        data: buffer.baseAddress, len: buffer.count, flags: UInt32(CURL_BLOB_COPY))
      _ = mdr_setopt_pointer(pointer, option, &blob)
    }
  }
}
