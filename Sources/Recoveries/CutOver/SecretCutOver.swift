import Platform
import RecoveryPlan
import StrictJSON

/// `secret`: a secret whose fields are to name what was recovered.
struct SecretCutOver: PlanObject {
  let secret: String
  let field: String
  let portField: String?
  let value: String?

  init(from fields: FieldReader) {
    _ = fields.optional("name", .label(), "The step's name, unique in the component.")
    secret = fields.required(
      "id", .text(upTo: 2_048), "The secret of Secrets Manager in the recovery region: name or ARN."
    )
    field = fields.required(
      "field", .text(upTo: 100), "The field of its JSON that holds the host.")
    portField = fields.optional(
      "portField", .text(upTo: 100), "The field that holds the port, when there is one.")
    value = fields.optional(
      "value", .hostName, "The new host; the address of what was recovered when left out.")
  }
}
