import Platform
import PositionedYAML
import RecoveryPlan
import StrictJSON

/// Which cluster is meant, and how it is reached.
enum KubernetesTarget: Sendable, Hashable {
  /// A context of the kubeconfig files.
  case context(String)
  /// A cluster of EKS, reached with the AWS credentials alone.
  case eks(name: String, region: String)
  /// The cluster that this program runs in.
  case inCluster

  /// In words.
  var shown: String {
    switch self {
    case .context(let name): "cluster \(name)"
    case .eks(let name, let region): "EKS cluster \(name) in \(region)"
    case .inCluster: "this cluster"
    }
  }

  /// How commands by hand name the kubeconfig of a cluster that is in none: a file of its own, so that no
  /// context of the person's is changed, and none is taken for it.
  var kubeconfigOption: [String] {
    guard case .eks(let cluster, let region) = self else { return [] }
    return ["--kubeconfig", "eks-\(region)-\(cluster).kubeconfig"]
  }
}

/// How a plan names a cluster: `context`, `eks` or `inCluster`.
struct ClusterReference: Sendable {
  static let fields = ["context", "eks", "inCluster"]

  private let context: String?
  private let eks: EKSReference?

  /// Reads the fields, of which a plan gives exactly one.
  init(from fields: FieldReader) {
    context = fields.optional(
      "context", .text(upTo: 253), "A context of the kubeconfig files (KUBECONFIG).")
    eks = fields.optional(
      "eks", .object(EKSReference.self),
      "A cluster of Amazon EKS, reached with the AWS credentials alone.")
    let inside = fields.optional(
      "inCluster", .boolean, "true: the cluster that this program runs in, by its service account.")
    fields.exactlyOne(of: Self.fields, "the cluster")
    if inside == false {
      fields.report(
        "'inCluster' is false, and no other cluster is named", in: "inCluster",
        fix: "Write inCluster: true, or name a context.")
    }
  }

  /// The cluster.
  ///
  /// - Parameter region: where a cluster of EKS is, unless the plan says it.
  func target(region: String) -> KubernetesTarget {
    if let context { return .context(context) }
    if let eks { return .eks(name: eks.cluster, region: eks.region ?? region) }
    return .inCluster
  }
}

/// A cluster of EKS by its name.
struct EKSReference: PlanObject {
  let cluster: String
  let region: String?

  init(from fields: FieldReader) {
    cluster = fields.required("cluster", .clusterName, "The cluster's name.")
    region = fields.optional("region", .text(upTo: 30), "Its region, if not the recovery region.")
  }
}

extension FieldType where Value == String {
  /// EKS: 1 to 100 letters, digits, hyphens and underscores, a letter or digit first.
  static var clusterName: FieldType {
    .matching(
      "a name of an EKS cluster", pattern: "^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$", example: "mosaic-dr"
    ) { text in
      (1...100).contains(text.utf8.count) && text.first != "-" && text.first != "_"
        && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
    }
  }

  /// A name of an object of Kubernetes (RFC 1123): at most 63 lower-case letters, digits, hyphens.
  static var kubernetesName: FieldType {
    .matching(
      "a Kubernetes name (lower-case letters, digits and inner hyphens, at most 63)",
      pattern: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", example: "mosaic", where: isKubernetesName)
  }

  /// A kind of object, as Velero takes it: `deployments.apps`, or a pattern.
  static var resourceName: FieldType {
    .matching(
      "a kind of object, such as deployments.apps", pattern: "^[a-z0-9*]([a-z0-9.*-]{0,251})$",
      example: "deployments.apps"
    ) { text in
      text.utf8.allSatisfy { $0.isLowercaseOrDigit || $0 == 0x2D || $0 == 0x2E || $0 == 0x2A }
    }
  }
}

/// RFC 1123, one label.
func isKubernetesName(_ text: String) -> Bool {
  (1...63).contains(text.utf8.count) && text.first != "-" && text.last != "-"
    && text.utf8.allSatisfy { $0.isLowercaseOrDigit || $0 == 0x2D }
}

/// A mapping of texts to texts.
struct TextMap: Sendable {
  static func type(
    _ what: String, _ count: ClosedRange<Int>, key: FieldType<String>, value: FieldType<String>
  ) -> FieldType<[String: String]> {
    FieldType(
      schema: [
        "type": "object", "minProperties": .integer(Int64(count.lowerBound)),
        "maxProperties": .integer(Int64(count.upperBound)),
        "additionalProperties": .object(value.schema()),
      ], sample: [:]
    ) { node, sink in
      guard let entries = node.entries, count.contains(entries.count) else {
        sink.report(
          "this is no mapping of \(count.lowerBound) to \(count.upperBound) \(what)",
          at: node.position, fix: "Write, for example: {old: new}.")
        return nil
      }
      var map: [String: String] = [:]
      for entry in entries {
        let written = YAMLNode(.scalar(entry.key, .plain), at: entry.keyPosition)
        guard let name = key.read(written, sink), let text = value.read(entry.value, sink) else {
          return nil
        }
        map[name] = text
      }
      return map
    }
  }
}
