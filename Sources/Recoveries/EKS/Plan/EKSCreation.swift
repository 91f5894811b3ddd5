import Platform
import PositionedYAML
import RecoveryPlan
import StrictJSON

/// `eks.create`: how the cluster is made when it is not there.
struct EKSCreation: PlanObject {
  let stack: StackSpec?
  let eksctl: EKSCtlSpec?

  init(from fields: FieldReader) {
    stack = fields.optional(
      "cloudFormation", .object(StackSpec.self), "From a template of CloudFormation.")
    eksctl = fields.optional(
      "eksctl", .object(EKSCtlSpec.self),
      "By eksctl, which must be installed where the run is. Only a restore does it.")
    fields.exactlyOne(of: ["cloudFormation", "eksctl"], "the way to make it")
  }
}

/// `eks.create.cloudFormation`
struct StackSpec: PlanObject {
  let stack: String
  let template: String
  let inputs: [String: String]
  let capabilities: [String]

  init(from fields: FieldReader) {
    stack = fields.required(
      "stack", .stackName, "The stack's name; a drill adds a suffix of its own.")
    template = fields.required(
      "template", .text(upTo: 1_000), "The template's file; at most 51,200 bytes.")
    inputs = fields.optional(
      "parameters",
      TextMap.type("parameters", 1...60, key: .text(upTo: 255), value: .text(upTo: 4_000)),
      default: [:], shownAs: [:], "The template's parameters.")
    capabilities = fields.optional(
      "capabilities",
      .list(
        of: .choice(["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]), 0...3),
      default: [], shownAs: [], "What the template is allowed to do besides.")
  }
}

/// `eks.create.eksctl`
struct EKSCtlSpec: PlanObject {
  let config: String

  init(from fields: FieldReader) {
    config = fields.required("config", .text(upTo: 1_000), "The ClusterConfig file.")
  }
}

extension FieldType where Value == String {
  /// CloudFormation: at most 128 letters, digits and hyphens, a letter first; room for a suffix.
  static var stackName: FieldType {
    .matching(
      "a stack's name (letters, digits and hyphens, a letter first, at most 100)",
      pattern: "^[A-Za-z][A-Za-z0-9-]{0,99}$", example: "eks-dr"
    ) { text in
      (1...100).contains(text.utf8.count) && text.first?.isLetter == true
        && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
    }
  }
}
