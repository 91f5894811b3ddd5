import Cryptography
import Foundation
import Testing

@testable import Evidence

/// Trees, checkpoints and proofs against Go's sumdb packages and C2SP's formats.
@Suite struct LedgerVectorTests {
  private let merkle: [String: Any]
  private let notes: [String: Any]
  private let tree: MerkleTree
  private let leaves: [[UInt8]]
  private let key: Ed25519.SigningKey

  init() throws {
    merkle = try Fixture.vector("merkle-rfc6962")
    notes = try Fixture.vector("checkpoint")
    leaves = try #require(merkle["leaves_hex"] as? [String]).compactMap { Hex.decode($0) }
    tree = MerkleTree(leaves)
    key = try #require(Ed25519.SigningKey(seed: Array(0..<32)))
  }

  private func root(_ size: Int) throws -> SHA256.Digest {
    let roots = try #require(merkle["roots"] as? [String: String])
    return try #require(roots["\(size)"].flatMap { SHA256.Digest(hex: $0) })
  }

  @Test func rootsAndLeavesAreThoseOfRFC6962() throws {
    #expect(leaves.count == 8)
    #expect(leaves.map { MerkleTree.leafHash($0).hex } == merkle["leaf_hashes"] as? [String])
    for size in 0...8 { #expect(tree.root(of: size) == (try root(size))) }
  }

  @Test func inclusionProofsAreThoseOfGo() throws {
    let all = try #require(merkle["inclusion"] as? [[String: Any]])
    #expect(all.count == 36)
    for item in all {
      let index = try #require(item["index"] as? Int)
      let size = try #require(item["size"] as? Int)
      let proof = tree.inclusionProof(of: index, in: size)
      #expect(proof.map(\.hex) == item["proof"] as? [String])
      let proves = { (leaf: Int, at: Int, proof: [SHA256.Digest]) in
        MerkleTree.proves(
          inclusionOf: MerkleTree.leafHash(leaves[leaf]), at: at, in: size,
          root: tree.root(of: size), by: proof)
      }
      #expect(proves(index, index, proof))
      #expect(!proves((index + 1) % 8, index, proof))
      #expect(!proves(index, index, proof + [try root(1)]))
      #expect(size == 1 || !proves(index, index, Array(proof.dropLast())))
      #expect(!proves(index, size, proof))
    }
  }

  @Test func consistencyProofsAreThoseOfGo() throws {
    for item in try #require(merkle["consistency"] as? [[String: Any]]) {
      let old = try #require(item["old"] as? Int)
      let new = try #require(item["new"] as? Int)
      let proof = tree.consistencyProof(from: old, to: new)
      #expect(proof.map(\.hex) == item["proof"] as? [String])
      #expect(
        MerkleTree.proves(
          consistencyFrom: old, try root(old), to: new, try root(new), by: proof))
      if old == new || old == 0 { continue }
      let other = try root(old - 1)
      #expect(
        !MerkleTree.proves(consistencyFrom: old, other, to: new, try root(new), by: proof))
    }
  }

  @Test func everyProofOfATreeOfSeventyHolds() {
    let leaves = (0..<70).map { [UInt8($0)] }
    let tree = MerkleTree(leaves)
    for size in 1...70 {
      for index in 0..<size {
        #expect(
          MerkleTree.proves(
            inclusionOf: MerkleTree.leafHash(leaves[index]), at: index, in: size,
            root: tree.root(of: size), by: tree.inclusionProof(of: index, in: size)))
        #expect(
          MerkleTree.proves(
            consistencyFrom: index, tree.root(of: index), to: size, tree.root(of: size),
            by: tree.consistencyProof(from: index, to: size)))
      }
    }
  }

  @Test func checkpointsAreByteForByteThoseOfGo() async throws {
    let origin = try #require(notes["log_origin"] as? String)
    #expect(SignedNote.verifierKey(origin, key.verifyingKey) == notes["log_vkey"] as? String)
    for item in try #require(notes["checkpoints"] as? [[String: Any]]) {
      let size = try #require(item["size"] as? Int)
      let checkpoint = Checkpoint(origin: origin, size: size, root: try root(size))
      #expect(checkpoint.text == item["text"] as? String)
      let note = try await SignedNote(checkpoint.text, name: origin, signer: LocalSigner(key))
      let theirs = try #require(item["checkpoint"] as? String)
      #expect(note.note == theirs)
      let read = try #require(SignedNote(theirs))
      #expect(read.isValid(name: origin, key: key.verifyingKey))
      #expect(Checkpoint(text: read.text) == checkpoint)
      let changed = theirs.replacingOccurrences(of: "\n\(size)\n", with: "\n\(size + 1)\n")
      #expect(SignedNote(changed)?.isValid(name: origin, key: key.verifyingKey) == false)
    }
  }

  @Test func aWitnessIsHeardAndOthersArePassedOver() throws {
    let name = try #require(notes["witness_name"] as? String)
    let encoded = try #require(
      (notes["witness_vkey_type4"] as? String)?.split(separator: "+", maxSplits: 2))
    let bytes = try #require(Base64.decode(String(encoded[2])))
    let witness = try #require(Ed25519.VerifyingKey(bytes: Array(bytes.dropFirst())))
    for item in try #require(notes["checkpoints"] as? [[String: Any]]) {
      let text = try #require(item["cosigned_checkpoint"] as? String)
      let note = try #require(SignedNote(text))
      #expect(note.isValid(name: notes["log_origin"] as? String ?? "", key: key.verifyingKey))
      #expect(note.cosignedAt(name: name, key: witness) == 1_773_456_100)
      #expect(note.cosignedAt(name: name, key: key.verifyingKey) == nil)
    }
  }

  @Test func aProofFileIsThatOfC2SP() throws {
    let text = try #require(notes["tlog_proof_for_leaf_4_size_8"] as? String)
    let proof = try #require(InclusionProof(text))
    #expect(proof.index == 4)
    #expect(proof.checkpoint(proving: leaves[4])?.size == 8)
    #expect(proof.checkpoint(proving: leaves[5]) == nil)
    #expect(proof.text == text)
    #expect(proof.hashes == tree.inclusionProof(of: 4, in: 8))
  }

  @Test func whatAWitnessIsSentAndTilesHoldAreTheseHashes() throws {
    let body = try #require(notes["witness_add_checkpoint_body_5_to_8"] as? String)
    let lines = tree.consistencyProof(from: 5, to: 8).map { Base64.encode($0.bytes) }
    #expect(body.hasPrefix("old 5\n\(lines.joined(separator: "\n"))\n\n"))
    let tile = leaves.map { MerkleTree.leafHash($0).hex }.joined()
    #expect(tile == notes["tile_level0_partial_8_hex"] as? String)
    let entries = leaves.flatMap { [UInt8($0.count >> 8), UInt8($0.count & 255)] + $0 }
    #expect(Hex.encode(entries) == notes["entry_bundle_hex"] as? String)
  }

  @Test func namesThatANoteCannotHoldAreRefused() {
    for name in [
      "", "a b", "a+b", "DSSEv1 x", "SSHSIGx", "a\nb", String(repeating: "x", count: 201),
    ] {
      #expect(!Checkpoint.isOrigin(name))
    }
    #expect(SignedNote("no signature\n") == nil)
    #expect(Checkpoint(text: "o\n01\n\(Base64.encode([UInt8](repeating: 0, count: 32)))\n") == nil)
  }
}
