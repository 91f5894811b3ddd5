import CYaml

/// What libyaml reports, in Swift's own types.
struct YAMLEvent {
  enum Kind {
    case documentStart, sequenceStart, sequenceEnd, mappingStart, mappingEnd, streamEnd, other
    case scalar(String, YAMLNode.ScalarStyle)
    case alias(String)
  }

  let kind: Kind
  let anchor: String?
  let tag: String?
  let position: SourcePosition
}

/// Owns libyaml's parser over bytes that outlive it.
struct EventReader: ~Copyable {
  /// On the heap, since libyaml keeps a pointer to it inside it.
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let input: UnsafeBufferPointer<UInt8>

  init(_ input: UnsafeBufferPointer<UInt8>) throws(YAMLError) {
    self.input = input
    parser = .allocate(capacity: 1)
    guard yaml_parser_initialize(parser) == 1 else {
      parser.deallocate()
      throw YAMLError(kind: .malformed("out of memory"), position: .start)
    }
    yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  func next() throws(YAMLError) -> YAMLEvent {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw problem() }
    defer { yaml_event_delete(&event) }
    return Self.translate(event)
  }

  private static func translate(_ event: yaml_event_t) -> YAMLEvent {
    let data = event.data
    switch event.type {
    case YAML_SCALAR_EVENT:
      let scalar = data.scalar
      let text = String(
        decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
      return make(
        .scalar(text, isPlain ? .plain : .quoted), event, anchor: scalar.anchor, tag: scalar.tag)
    case YAML_ALIAS_EVENT: return make(.alias(Self.text(data.alias.anchor) ?? ""), event)
    case YAML_SEQUENCE_START_EVENT:
      let start = data.sequence_start
      return make(.sequenceStart, event, anchor: start.anchor, tag: start.tag)
    case YAML_MAPPING_START_EVENT:
      let start = data.mapping_start
      return make(.mappingStart, event, anchor: start.anchor, tag: start.tag)
    case YAML_SEQUENCE_END_EVENT: return make(.sequenceEnd, event)
    case YAML_MAPPING_END_EVENT: return make(.mappingEnd, event)
    case YAML_DOCUMENT_START_EVENT: return make(.documentStart, event)
    case YAML_STREAM_END_EVENT: return make(.streamEnd, event)
    default: return make(.other, event)
    }
  }

  private static func make(
    _ kind: YAMLEvent.Kind, _ event: yaml_event_t,
    anchor: UnsafeMutablePointer<UInt8>? = nil, tag: UnsafeMutablePointer<UInt8>? = nil
  ) -> YAMLEvent {
    YAMLEvent(
      kind: kind, anchor: text(anchor), tag: text(tag), position: position(event.start_mark))
  }

  private static func text(_ pointer: UnsafeMutablePointer<UInt8>?) -> String? {
    pointer.map { String(cString: $0) }
  }

  private static func position(_ mark: yaml_mark_t) -> SourcePosition {
    SourcePosition(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
  }

  private func problem() -> YAMLError {
    let state = parser.pointee
    var text = state.problem.map { String(cString: $0) } ?? "malformed"
    if let context = state.context { text += " " + String(cString: context) }
    let place =
      state.error == YAML_READER_ERROR
      ? position(ofByte: state.problem_offset) : Self.position(state.problem_mark)
    return YAMLError(kind: .malformed(text), position: place)
  }

  /// The reader reports bytes that are no characters by offset alone.
  private func position(ofByte offset: Int) -> SourcePosition {
    var line = 1
    var column = 1
    for byte in input.prefix(offset) {
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    return SourcePosition(line: line, column: column)
  }
}
