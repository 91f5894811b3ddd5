import Platform
import PostgresClient
import RecoveryPlan
import StrictJSON

/// `access`: how checks log in to a recovered database.
struct DatabaseAccess: PlanObject {
  let database: String
  let user: String
  let password: SecretReference?
  /// Whether a token that IAM stands for takes the password's place.
  let usesIAM: Bool
  let rootCertificate: String?
  let connectTimeout: Duration

  init(from fields: FieldReader) {
    database = fields.required("database", .text(upTo: 63), "The database that checks run in.")
    user = fields.required("user", .text(upTo: 63), "The role that logs in.")
    password = fields.optional(
      "password", .object(SecretReference.self),
      "Where the password is; left to libpq (PGPASSWORD, password file) when left out.")
    usesIAM = fields.optional(
      "iam", .boolean, default: false, shownAs: false,
      "Whether a token of IAM database authentication takes the password's place.")
    if usesIAM, password != nil {
      fields.report(
        "a login has either a password or a token", in: "iam", fix: "Remove 'password', or 'iam'.")
    }
    rootCertificate = fields.optional(
      "rootCertificate", .text(upTo: 1_000),
      "The PEM bundle that signs the server's certificate; PGSSLROOTCERT when left out.")
    connectTimeout = fields.optional(
      "connectTimeout", .duration, default: .seconds(5), shownAs: "5s", "The bound on connecting.")
  }

  /// - Throws: when the password is not where the plan says.
  func target(
    of instance: InstanceRecord, database other: String? = nil, environment: [String: String]
  ) throws -> PostgresTarget {
    PostgresTarget(
      host: instance.address, port: instance.port, database: other ?? database, user: user,
      password: try password?.resolve(environment), rootCertificate: rootCertificate,
      connectTimeout: connectTimeout)
  }
}

/// Where a secret is: in a variable or in a file, never in the plan.
struct SecretReference: PlanObject {
  let variable: String?
  let file: String?

  init(from fields: FieldReader) {
    variable = fields.optional("env", .text(upTo: 200), "The environment variable that holds it.")
    file = fields.optional("file", .text(upTo: 1_000), "The file that holds it, on its first line.")
    fields.exactlyOne(of: ["env", "file"], "the place of a secret")
  }

  func resolve(_ environment: [String: String]) throws -> Secret<String> {
    if let variable {
      guard let value = environment[variable], !value.isEmpty else {
        throw Problem(
          "the password is not there", on: "variable \(variable)", because: "it is not set",
          fix:
            "Set it in the environment of mosaic-dr. Then a restore goes on with 'mosaic-dr retry RUN STEP' "
            + "and 'mosaic-dr resume RUN'; a drill is begun anew.")
      }
      return Secret(value)
    }
    let bytes = try DurableFile.read(file ?? "", limit: 65_536)
    let line = bytes.prefix { $0 != 0x0A && $0 != 0x0D }
    return Secret(String(decoding: line, as: UTF8.self))
  }
}
