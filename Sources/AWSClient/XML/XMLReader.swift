import CXML
import Platform

/// Reads an XML answer with libxml2's SAX2 parser into a tree of bounded depth and size.
///
/// External entities and the network are off; a document type declaration is refused, and with it
/// every entity attack.
enum XMLReader {
  static let maximumDepth = 64
  static let maximumElements = 200_000

  /// - Throws: `Problem` when the bytes are not well-formed XML within the bounds.
  static func read(_ bytes: [UInt8]) throws(Problem) -> XMLElement {
    let builder = TreeBuilder()
    var handler = xmlSAXHandler()
    handler.initialized = UInt32(XML_SAX2_MAGIC)
    handler.startElementNs = { context, name, _, _, _, _, _, _, _ in
      TreeBuilder.of(context)?.start(name)
    }
    handler.endElementNs = { context, _, _, _ in TreeBuilder.of(context)?.end() }
    handler.characters = { context, text, length in
      TreeBuilder.of(context)?.append(text, Int(length))
    }
    handler.cdataBlock = handler.characters
    handler.internalSubset = { context, _, _, _ in TreeBuilder.of(context)?.isRefused = true }
    let pointer = Unmanaged.passUnretained(builder).toOpaque()
    let code = bytes.withUnsafeBytes { raw -> Int32 in
      guard
        let parser = xmlCreatePushParserCtxt(&handler, pointer, nil, 0, nil)
      else { return -1 }
      defer { xmlFreeParserCtxt(parser) }
      xmlCtxtUseOptions(parser, Int32(XML_PARSE_NONET.rawValue))
      let base = raw.bindMemory(to: CChar.self).baseAddress
      return xmlParseChunk(parser, base, Int32(clamping: raw.count), 1)
    }
    guard code == 0, !builder.isRefused, let root = builder.root else {
      throw Problem(
        "cannot read the service's answer",
        because: "it is not the XML that the service is documented to send",
        fix: "Check that the endpoint is the AWS service and not a proxy's error page.")
    }
    return root
  }
}

/// Collects what the parser reports. Alive for one parse, on one thread.
private final class TreeBuilder {
  private var open: [XMLElement] = []
  private var count = 0
  private(set) var root: XMLElement?
  var isRefused = false

  static func of(_ context: UnsafeMutableRawPointer?) -> TreeBuilder? {
    context.map { Unmanaged<TreeBuilder>.fromOpaque($0).takeUnretainedValue() }
  }

  func start(_ name: UnsafePointer<xmlChar>?) {
    count += 1
    if open.count >= XMLReader.maximumDepth || count > XMLReader.maximumElements {
      isRefused = true
    }
    guard !isRefused, let name else { return }
    open.append(XMLElement(name: String(cString: name), text: "", children: []))
  }

  func append(_ text: UnsafePointer<xmlChar>?, _ length: Int) {
    guard !isRefused, let text, !open.isEmpty else { return }
    let bytes = UnsafeBufferPointer(start: text, count: length)
    open[open.count - 1].text += String(decoding: bytes, as: UTF8.self)
  }

  func end() {
    guard !isRefused, var element = open.popLast() else { return }
    if !element.children.isEmpty { element.text = "" }
    if open.isEmpty { root = element } else { open[open.count - 1].children.append(element) }
  }
}
