import CCurl

/// The fields of a request as libcurl reads them, a linked list of lines, in one piece of memory.
///
/// Never changed once it is made, which is what makes it Sendable.
final class FieldList: @unchecked Sendable {
  private let memory: UnsafeMutableRawPointer
  /// The first line; nil when there is none.
  let first: UnsafeMutablePointer<curl_slist>?

  init(_ fields: [HTTPHeader]) {
    let lines = fields.count * MemoryLayout<curl_slist>.stride
    // Each line has ": " and a zero at its end.
    let size = fields.reduce(lines) { $0 + $1.name.utf8.count + $1.value.utf8.count + 3 }
    memory = .allocate(byteCount: max(size, 1), alignment: MemoryLayout<curl_slist>.alignment)
    let list = memory.bindMemory(to: curl_slist.self, capacity: fields.count)
    var text = (memory + lines).bindMemory(to: UInt8.self, capacity: size - lines)
    for (index, field) in fields.enumerated() {
      let isLast = index == fields.count - 1
      (list + index).initialize(
        to: curl_slist(
          data: UnsafeMutableRawPointer(text).assumingMemoryBound(to: CChar.self),
          next: isLast ? nil : list + index + 1))
      Self.write(field.name, at: &text)
      // Without a value the line tells libcurl to leave out a field of its own.
      Self.write(field.value.isEmpty ? ":" : ": ", at: &text)
      Self.write(field.value, at: &text)
      text.pointee = 0
      text += 1
    }
    first = fields.isEmpty ? nil : list
  }

  deinit { memory.deallocate() }

  private static func write(_ string: String, at text: inout UnsafeMutablePointer<UInt8>) {
    var string = string
    string.withUTF8 { bytes in
      guard let start = bytes.baseAddress else { return }
      text.update(from: start, count: bytes.count)
      text += bytes.count
    }
  }
}
