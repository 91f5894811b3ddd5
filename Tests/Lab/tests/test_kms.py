"""Keys of KMS that sign."""
import base64
import json
import unittest

from cryptography.hazmat.primitives.serialization import load_der_public_key
from moto.backends import get_backend

from mosaic_lab import kms
from mosaic_lab.model import ACCOUNT, RDSError

REGION = "eu-west-1"


class SigningKeyTests(unittest.TestCase):
    def create(self, spec: str) -> str:
        request = {"KeySpec": spec, "KeyUsage": "SIGN_VERIFY"}
        answer = kms.handle(REGION, "CreateKey", json.dumps(request).encode())
        if answer:
            return json.loads(answer)["KeyMetadata"]["Arn"]
        return self.moto().create_key("", "SIGN_VERIFY", spec, "", None).arn

    def moto(self):
        return get_backend("kms")[ACCOUNT][REGION]

    def sign(self, key: str, message: bytes, algorithm: str, kind: str = "RAW") -> bytes:
        request = {"KeyId": key, "Message": base64.b64encode(message).decode(), "MessageType": kind,
                   "SigningAlgorithm": algorithm}
        self.assertIsNone(kms.handle(REGION, "Sign", json.dumps(request).encode()))
        return self.moto().sign(key, message, algorithm)[1]

    def refused(self, code: str, *words) -> None:
        with self.assertRaises(RDSError) as caught:
            self.sign(*words)
        self.assertEqual(caught.exception.code, code)

    def test_anEdwardsKeySignsTheMessageItself(self):
        key = self.create(kms.SPEC)
        public = load_der_public_key(self.moto().get_public_key(key)[1])
        for message in (b"m", b"m" * 4096):
            public.verify(self.sign(key, message, kms.PURE), message)
        self.assertEqual(self.moto().describe_key(key).to_dict()["KeyMetadata"]["KeySpec"], kms.SPEC)

    def test_whatAWSRefusesIsRefused(self):
        edwards, nist = self.create(kms.SPEC), self.create("ECC_NIST_P256")
        self.refused("ValidationException", edwards, b"m" * 4097, kms.PURE)
        self.refused("ValidationException", nist, b"m" * 4097, "ECDSA_SHA_256")
        self.refused("ValidationException", edwards, b"m" * 64, kms.PURE, "DIGEST")
        self.refused("ValidationException", edwards, b"m", kms.PREHASHED, "RAW")
        self.refused("InvalidKeyUsageException", edwards, b"m", "ECDSA_SHA_256")
        self.refused("InvalidKeyUsageException", nist, b"m", kms.PURE)
        with self.assertRaises(RDSError):
            kms.handle(REGION, "CreateKey", json.dumps({"KeySpec": kms.SPEC}).encode())
