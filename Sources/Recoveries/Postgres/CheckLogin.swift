import Platform
import RunEngine

/// Whether what checks log in with is there: the password, and the certificate that proves the server. A
/// run needs them only when the database is back, which may be hours after its start.
struct CheckLogin: ReadinessCheck {
  static let kind = "readiness.postgres.login"

  /// A bundle of all authorities of RDS has a fifth of this.
  private static let largestBundle = 1 << 20

  let component: String
  let access: DatabaseAccess
  let environment: [String: String]

  var summary: String { "login to the database" }
  var calls: [PlannedCall] { [] }

  func observe(_ context: StepContext) async throws -> Observation<[ReadinessRow]> {
    .ready(rows)
  }

  var rows: [ReadinessRow] { (access.usesIAM ? [] : [password]) + [rootCertificate] }

  private var password: ReadinessRow {
    let check = "password"
    guard let reference = access.password else {
      let place = passwordOfLibpq
      return ReadinessRow(
        component, check, place == nil ? .warning : .ready,
        place ?? "the plan leaves it to libpq, and neither PGPASSWORD nor a password file is there",
        fix: place == nil ? "Set PGPASSWORD, or name the password in the plan's access." : nil)
    }
    do {
      guard try !reference.resolve(environment).reveal().isEmpty else {
        return ReadinessRow(
          component, check, .notReady, "the first line of \(reference.file ?? "") is empty",
          fix: "Write the password there.")
      }
      let place = reference.variable.map { "in variable \($0)" } ?? "in \(reference.file ?? "")"
      return ReadinessRow(component, check, .ready, place)
    } catch {
      return Readiness.row(component, check, error)
    }
  }

  /// Where libpq finds a password by itself; nil when nowhere.
  private var passwordOfLibpq: String? {
    if environment["PGPASSWORD"]?.isEmpty == false { return "in variable PGPASSWORD" }
    let file = environment["PGPASSFILE"] ?? home("/.pgpass")
    return DurableFile.exists(file) ? "left to \(file)" : nil
  }

  private var rootCertificate: ReadinessRow {
    let check = "root certificate"
    // libpq's own order; without one it refuses sslmode=verify-full.
    let set = environment["PGSSLROOTCERT"].flatMap { $0.isEmpty ? nil : $0 }
    let file = access.rootCertificate ?? set ?? home("/.postgresql/root.crt")
    if file == "system" {
      return ReadinessRow(component, check, .ready, "those that the system trusts")
    }
    let fix =
      "Get the bundle of RDS (https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem), "
      + "and name it in PGSSLROOTCERT or the plan's rootCertificate."
    do {
      let text = String(
        decoding: try DurableFile.read(file, limit: Self.largestBundle), as: UTF8.self)
      return text.contains("CERTIFICATE-----")
        ? ReadinessRow(component, check, .ready, file)
        : ReadinessRow(component, check, .notReady, "\(file) holds no certificate", fix: fix)
    } catch {
      return ReadinessRow(component, check, .notReady, "\(file): \(error.reason)", fix: fix)
    }
  }

  private func home(_ path: String) -> String { (environment["HOME"] ?? "") + path }
}
