/// Takes the next part of a body; the bytes are valid only during the call.
///
/// - Returns: false when the body is larger than can be taken; then the transfer ends with
///   ``TransportError/Kind/answerTooLarge``.
public typealias BodyReceiver = @Sendable (UnsafeRawBufferPointer) -> Bool
