import CXML
import Platform

/// Reads a page with libxml2's SAX2 parser: any well-formed listing, whatever its form.
///
/// External entities and the network are off; a document type declaration is refused, and with it
/// every entity attack.
enum ListingXMLReader {
  /// - Throws: `Problem` when the bytes are no whole listing.
  static func read(_ bytes: [UInt8]) throws(Problem) -> ListingPage {
    let builder = ListingBuilder()
    var handler = xmlSAXHandler()
    handler.initialized = UInt32(XML_SAX2_MAGIC)
    handler.startElementNs = { context, name, _, _, _, _, _, _, _ in
      ListingBuilder.of(context)?.start(name)
    }
    handler.endElementNs = { context, _, _, _ in ListingBuilder.of(context)?.end() }
    handler.characters = { context, text, length in
      ListingBuilder.of(context)?.append(text, Int(length))
    }
    handler.cdataBlock = handler.characters
    handler.internalSubset = { context, _, _, _ in ListingBuilder.of(context)?.refuse() }
    let pointer = Unmanaged.passUnretained(builder).toOpaque()
    let code = bytes.withUnsafeBytes { raw -> Int32 in
      guard let parser = xmlCreatePushParserCtxt(&handler, pointer, nil, 0, nil) else { return -1 }
      defer { xmlFreeParserCtxt(parser) }
      xmlCtxtUseOptions(parser, Int32(XML_PARSE_NONET.rawValue))
      return xmlParseChunk(
        parser, raw.bindMemory(to: CChar.self).baseAddress, Int32(clamping: raw.count), 1)
    }
    guard code == 0, let page = builder.finished() else {
      throw Problem(
        "cannot read a page of a listing",
        because: bytes.isEmpty ? "it is empty" : "it is cut short, or not a listing of S3",
        fix: "Check that the endpoint is S3 and not a proxy's error page.")
    }
    return page
  }
}

/// Builds a page from what the parser reports. Alive for one parse, on one thread.
private final class ListingBuilder {
  private static let maximumDepth = 8

  private var page = ListingPage()
  private var fields = ListingFields()
  private var path: [String] = []
  private var text: [UInt8] = []
  private var entry = ObjectEntry()
  private var isRefused = false
  private var isListing = false

  static func of(_ context: UnsafeMutableRawPointer?) -> ListingBuilder? {
    context.map { Unmanaged<ListingBuilder>.fromOpaque($0).takeUnretainedValue() }
  }

  func refuse() { isRefused = true }

  func start(_ name: UnsafePointer<xmlChar>?) {
    guard !isRefused, let name, path.count < Self.maximumDepth else { return refuse() }
    path.append(String(cString: name))
    text.removeAll(keepingCapacity: true)
    if path.count == 1 {
      isListing = ["ListBucketResult", "ListVersionsResult"].contains(path[0])
    } else if path.count == 2 {
      entry = ObjectEntry()
      entry.isDeleteMarker = path[1] == "DeleteMarker"
    }
  }

  func append(_ bytes: UnsafePointer<xmlChar>?, _ length: Int) {
    guard !isRefused, let bytes, length > 0 else { return }
    text.append(contentsOf: UnsafeBufferPointer(start: bytes, count: length))
  }

  func end() {
    guard !isRefused, let name = path.popLast() else { return }
    switch path.count {
    case 1:
      if ["Contents", "Version", "DeleteMarker"].contains(name) {
        if entry.key.count == 0 { refuse() } else { page.entries.append(entry) }
      } else if name != "CommonPrefixes" {
        var name = name
        name.withUTF8 { name in
          text.withUnsafeBytes { fields.set(UnsafeRawBufferPointer(name), $0) }
        }
      }
    case 2 where path[1] == "CommonPrefixes":
      if name == "Prefix" { page.commonPrefixes.append(text) }
    case 2: take(name)
    default: break
    }
    text.removeAll(keepingCapacity: true)
  }

  private func take(_ name: String) {
    switch name {
    case "Key":
      entry.key = keep(text[...])
      entry.mayNeedDecoding = text.contains { $0 == 0x25 || $0 == 0x2B }
    case "LastModified": entry.modified = keep(text[...])
    case "ETag":
      let isQuoted = text.count >= 2 && text.first == 0x22 && text.last == 0x22
      entry.etag = keep(isQuoted ? text.dropFirst().dropLast() : text[...])
    case "Size":
      guard let size = Int64(String(decoding: text, as: UTF8.self)), size >= 0 else {
        return refuse()
      }
      entry.size = size
    case "StorageClass": entry.storageClass = keep(text[...])
    case "VersionId": entry.version = keep(text[...])
    case "IsLatest": entry.isLatest = text == Array("true".utf8)
    default: break
    }
  }

  private func keep(_ bytes: ArraySlice<UInt8>) -> ObjectEntry.Place {
    defer { page.bytes.append(contentsOf: bytes) }
    return ObjectEntry.Place(page.bytes.count, bytes.count)
  }

  func finished() -> ListingPage? {
    guard !isRefused, isListing, path.isEmpty, fields.complete(&page) else { return nil }
    return page
  }
}
