/// All that stands on the pages of a listing, in its order.
///
/// - Parameters:
///   - most: the bound on pages: what lies behind it is left out.
///   - page: fetches the page at a marker, nil for the first; `next` is nil on the last.
func collectPages<Element: Sendable>(
  atMost most: Int,
  page: (_ marker: String?) async throws -> (elements: [Element], next: String?)
) async throws -> [Element] {
  var found: [Element] = []
  var marker: String?
  for _ in 0..<most {
    let (elements, next) = try await page(marker)
    found += elements
    marker = next
    if marker == nil { break }
  }
  return found
}
