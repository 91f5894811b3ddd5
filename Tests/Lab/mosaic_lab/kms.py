"""What moto's KMS lacks and AWS documents (CreateKey, Sign): Ed25519 keys, and what Sign refuses."""
import base64
import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from moto.backends import get_backend
from moto.kms.models import Key
from moto.kms.utils import AbstractPrivateKey

from .model import ACCOUNT, RDSError

SPEC, PURE, PREHASHED = "ECC_NIST_EDWARDS25519", "ED25519_SHA_512", "ED25519_PH_SHA_512"
MESSAGE_TYPES, LONGEST_MESSAGE = {PURE: "RAW", PREHASHED: "DIGEST"}, 4096


class EdwardsPrivateKey(AbstractPrivateKey):
    def __init__(self) -> None:
        self.key = Ed25519PrivateKey.generate()

    def sign(self, message: bytes, signing_algorithm: str) -> bytes:
        if signing_algorithm != PURE:
            raise RDSError("UnsupportedOperationException", "The lab has no Ed25519ph.")
        return self.key.sign(message)

    def verify(self, message: bytes, signature: bytes, signing_algorithm: str) -> bool:
        try:
            self.key.public_key().verify(signature, message)
        except InvalidSignature:
            return False
        return signing_algorithm == PURE

    def public_key(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


class EdwardsKey(Key):
    signing_algorithms = [PURE, PREHASHED]


def create_key(region: str, request: dict) -> bytes:
    if request.get("KeyUsage") != "SIGN_VERIFY":
        raise RDSError("ValidationException", f"KeyUsage {request.get('KeyUsage', 'ENCRYPT_DECRYPT')} is not "
                       f"compatible with KeySpec {SPEC}")
    made = get_backend("kms")[ACCOUNT][region].create_key(
        request.get("Policy"), request["KeyUsage"], "ECC_NIST_P256", request.get("Description", ""),
        request.get("Tags"), request.get("MultiRegion", False))
    made.__class__, made.key_spec, made.private_key = EdwardsKey, SPEC, EdwardsPrivateKey()
    return json.dumps(made.to_dict()).encode()


def check_sign(region: str, request: dict) -> None:
    """Refuses what AWS refuses; the rest is for moto to answer."""
    kms, algorithm = get_backend("kms")[ACCOUNT][region], request["SigningAlgorithm"]
    kind = request.get("MessageType", "RAW")
    if len(base64.b64decode(request["Message"])) > LONGEST_MESSAGE:
        raise RDSError("ValidationException", "1 validation error detected: Value at 'message' failed to satisfy "
                       f"constraint: Member must have length less than or equal to {LONGEST_MESSAGE}")
    key = kms.keys.get(kms.any_id_to_key_id(request["KeyId"]))
    if key and algorithm not in (key.signing_algorithms or []):
        raise RDSError("InvalidKeyUsageException", f"{key.arn} key spec {key.key_spec} does not support "
                       f"signing algorithm {algorithm}")
    if MESSAGE_TYPES.get(algorithm, kind) != kind:
        raise RDSError("ValidationException", f"Signing algorithm {algorithm} does not support message type {kind}")


def handle(region: str, action: str, body: bytes) -> bytes | None:
    """The answer; None when moto is to give it."""
    request = json.loads(body or b"{}")
    if action == "CreateKey" and request.get("KeySpec") == SPEC:
        return create_key(region, request)
    if action == "Sign":
        check_sign(region, request)
    return None
