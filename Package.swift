// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// A Swift module of the product. What it may import is listed here and nowhere else; the
/// architecture test holds every `import` line and docs/architecture.md against this list.
func module(_ name: String, imports: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: imports, swiftSettings: strict)
}

/// A C library of the system, with a header-only shim for what Swift cannot call.
func systemLibrary(_ name: String, pkgConfig: String, debian: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([debian])])
}

func tests(_ name: String, of imports: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: imports, swiftSettings: strict)
}

let package = Package(
  name: "mosaic-dr",
  products: [.executable(name: "mosaic-dr", targets: ["mosaic-dr"])],
  targets: [
    .executableTarget(
      name: "mosaic-dr",
      dependencies: [
        "AWSClient", "Cryptography", "DrillTimers", "Evidence", "EvidenceServices", "HTTPClient",
        "Measurement", "Platform", "PostgresClient", "Recoveries", "RecoveryPlan", "RunEngine",
        "RunJournal", "StepGraph",
        "StrictJSON",
      ],
      swiftSettings: strict),
    module(
      "Evidence",
      imports: [
        "Compression", "Cryptography", "Measurement", "Platform", "RecoveryPlan", "RunJournal",
        "StepGraph", "StrictJSON",
      ]),
    module("DrillTimers", imports: ["Cryptography", "Platform", "RecoveryPlan", "StrictJSON"]),
    module(
      "EvidenceServices",
      imports: ["AWSClient", "Cryptography", "Evidence", "HTTPClient", "Platform", "StrictJSON"]),
    module(
      "BucketComparison",
      imports: [
        "AWSClient", "CXML", "Compression", "Cryptography", "HTTPClient", "Platform", "StrictJSON",
      ]),
    module("Compression", imports: ["CZlib", "CZstd", "Platform"]),
    module("Measurement", imports: ["Platform", "RunJournal", "StepGraph", "StrictJSON"]),
    module(
      "Recoveries",
      imports: [
        "AWSClient", "BucketComparison", "Compression", "Cryptography", "HTTPClient",
        "KubernetesClient", "NameResolution", "Platform", "PositionedYAML", "PostgresClient",
        "RecoveryPlan",
        "RunEngine", "RunJournal", "StepGraph", "StrictJSON",
      ]),
    module(
      "RunEngine", imports: ["Cryptography", "Platform", "RunJournal", "StepGraph", "StrictJSON"]),
    module("RunJournal", imports: ["CSQLite", "Cryptography", "Platform", "StrictJSON"]),
    module("AWSClient", imports: ["CXML", "Cryptography", "HTTPClient", "Platform", "StrictJSON"]),
    module(
      "KubernetesClient",
      imports: ["Cryptography", "HTTPClient", "Platform", "PositionedYAML", "StrictJSON"]),
    module("HTTPClient", imports: ["CCurl", "Platform"]),
    module("NameResolution", imports: ["Platform"]),
    module("PostgresClient", imports: ["CPostgres", "Platform"]),
    module(
      "RecoveryPlan",
      imports: ["Cryptography", "Platform", "PositionedYAML", "StepGraph", "StrictJSON"]),
    module("PositionedYAML", imports: ["CYaml", "Platform"]),
    module("StepGraph", imports: []),
    module("StrictJSON", imports: ["Platform"]),
    module("Cryptography", imports: ["CCrypto", "CSodium"]),
    module("Platform", imports: ["CPosix"]),
    .target(name: "CPosix"),
    systemLibrary("CCurl", pkgConfig: "libcurl", debian: "libcurl4-openssl-dev"),
    systemLibrary("CSQLite", pkgConfig: "sqlite3", debian: "libsqlite3-dev"),
    systemLibrary("CZstd", pkgConfig: "libzstd", debian: "libzstd-dev"),
    systemLibrary("CZlib", pkgConfig: "zlib", debian: "zlib1g-dev"),
    systemLibrary("CYaml", pkgConfig: "yaml-0.1", debian: "libyaml-dev"),
    systemLibrary("CXML", pkgConfig: "libxml-2.0", debian: "libxml2-dev"),
    systemLibrary("CCrypto", pkgConfig: "libcrypto", debian: "libssl-dev"),
    systemLibrary("CSodium", pkgConfig: "libsodium", debian: "libsodium-dev"),
    systemLibrary("CPostgres", pkgConfig: "libpq", debian: "libpq-dev"),
    .executableTarget(
      name: "engine-benchmark",
      dependencies: ["CSQLite", "Platform", "RunEngine", "RunJournal", "StepGraph", "StrictJSON"],
      path: "Tests/Benchmarks",
      exclude: [
        "S3", "bench.py", "bench_evidence.py", "dbos_steps.py", "requirements.txt",
        "temporal_steps.py",
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "s3-benchmark",
      dependencies: ["AWSClient", "BucketComparison", "HTTPClient", "Platform", "StrictJSON"],
      path: "Tests/Benchmarks/S3",
      exclude: ["bench_s3.py", "canned_pages.py", "fetch_pages.c", "requirements.txt"],
      swiftSettings: strict),
    .executableTarget(
      name: "crash-subject",
      dependencies: ["HTTPClient", "Platform", "RunEngine", "RunJournal", "StrictJSON"],
      path: "Tests/CrashSubject", swiftSettings: strict),
    tests(
      "BucketComparisonTests",
      of: [
        "AWSClient", "BucketComparison", "Compression", "Cryptography", "HTTPClient", "Platform",
        "StrictJSON",
      ]),
    tests("PlatformTests", of: ["Platform"]),
    tests("CryptographyTests", of: ["Cryptography"]),
    tests("StrictJSONTests", of: ["StrictJSON"]),
    tests("PositionedYAMLTests", of: ["PositionedYAML"]),
    tests("StepGraphTests", of: ["StepGraph"]),
    tests("RecoveryPlanTests", of: ["RecoveryPlan", "Recoveries", "PositionedYAML", "StrictJSON"]),
    .testTarget(
      name: "HTTPClientTests", dependencies: ["HTTPClient", "Platform"],
      exclude: ["closing_server.py", "mirror_server.py", "path_server.py", "streaming_server.py"],
      swiftSettings: strict
    ),
    .testTarget(
      name: "AWSClientTests", dependencies: ["AWSClient", "HTTPClient", "Platform", "StrictJSON"],
      exclude: ["Vectors", "credential_server.py"], swiftSettings: strict),
    .testTarget(
      name: "KubernetesClientTests",
      dependencies: ["HTTPClient", "KubernetesClient", "Platform", "StrictJSON"],
      exclude: ["connect_proxy.py"], swiftSettings: strict),
    tests("NameResolutionTests", of: ["NameResolution", "Platform"]),
    tests("PostgresClientTests", of: ["PostgresClient", "Platform"]),
    tests("RunJournalTests", of: ["RunJournal", "Platform", "StrictJSON"]),
    tests(
      "RunEngineTests", of: ["RunEngine", "RunJournal", "StepGraph", "Platform", "StrictJSON"]),
    tests("MeasurementTests", of: ["Measurement", "RunJournal", "StepGraph", "Platform"]),
    .testTarget(
      name: "RecoveriesTests",
      dependencies: [
        "AWSClient", "Cryptography", "HTTPClient", "KubernetesClient", "Platform",
        "PositionedYAML", "Recoveries", "RecoveryPlan", "RunEngine", "RunJournal", "StrictJSON",
      ],
      exclude: ["ingress_server.py", "stack_server.py"], swiftSettings: strict),
    .testTarget(
      name: "EvidenceTests",
      dependencies: [
        "Evidence", "Compression", "Cryptography", "Measurement", "Platform", "RecoveryPlan",
        "RunJournal", "StrictJSON",
      ],
      exclude: ["Vectors", "Tools"], swiftSettings: strict),
    .testTarget(
      name: "EvidenceServicesTests",
      dependencies: [
        "AWSClient", "Cryptography", "Evidence", "EvidenceServices", "HTTPClient", "Measurement",
        "Platform", "StrictJSON",
      ],
      exclude: ["evidence_servers.py"], swiftSettings: strict),
    tests("ArchitectureTests", of: []),
    .testTarget(
      name: "CommandLineTests",
      dependencies: [
        "mosaic-dr", "AWSClient", "DrillTimers", "Evidence", "Platform", "Recoveries",
        "RecoveryPlan", "RunEngine", "RunJournal", "StrictJSON",
      ],
      exclude: ["Tools"], swiftSettings: strict),
  ]
)

// Fuzz targets have no main function of their own: libFuzzer brings it. See scripts/fuzz.
if Context.environment["MOSAIC_DR_FUZZ"] != nil {
  let fuzzed = [
    "Listing": ["BucketComparison"],
    "Plan": ["Recoveries", "RecoveryPlan"],
    "Journal": ["Measurement", "RunEngine", "RunJournal", "StrictJSON"],
  ]
  package.targets += fuzzed.sorted { $0.key < $1.key }.map { name, imports in
    .executableTarget(
      name: "fuzz-\(name.lowercased())", dependencies: imports.map { .init(stringLiteral: $0) },
      path: "Tests/Fuzz/\(name)",
      swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])])
  }
}
