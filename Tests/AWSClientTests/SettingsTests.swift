import Testing

@testable import AWSClient

/// Where calls go, as the environment and the config file say.
@Suite struct SettingsTests {
  private let home: Home

  init() throws { home = try Home() }

  private func settings(_ environment: [String: String] = [:]) throws -> AWSSettings {
    try AWSSettings(environment: environment.merging(["HOME": home.path]) { $1 })
  }

  @Test func endpointsAreLookedForInTheOrderOfTheSDKs() throws {
    try home.config(
      """
      [default]
      services = lab
      endpoint_url = http://profile
      [services lab]
      rds =
        endpoint_url = http://service-section
      route_53 =
        endpoint_url = http://dns-section
      """)
    let region = "us-west-2"
    #expect(try settings().endpoint(of: .rds, in: region) == "http://service-section/")
    #expect(try settings().endpoint(of: .route53, in: region) == "http://dns-section/")
    #expect(try settings().endpoint(of: .kms, in: region) == "http://profile/")
    var variables = ["AWS_ENDPOINT_URL": "http://all/"]
    #expect(try settings(variables).endpoint(of: .rds, in: region) == "http://all/")
    variables["AWS_ENDPOINT_URL_ROUTE_53"] = "http://dns"
    #expect(try settings(variables).endpoint(of: .route53, in: region) == "http://dns/")
    #expect(try settings(variables).endpoint(of: .rds, in: region) == "http://all/")
    variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true"
    #expect(
      try settings(variables).endpoint(of: .rds, in: region)
        == "https://rds.us-west-2.amazonaws.com/")
  }

  @Test func bucketsStandInTheHostNameWhereTheyCan() throws {
    let url = { (settings: AWSSettings, bucket: String) in
      settings.s3URL(bucket: bucket, path: "/k", query: "q=1", in: "us-west-2")
    }
    let plain = try settings()
    #expect(url(plain, "media") == "https://media.s3.us-west-2.amazonaws.com/k?q=1")
    #expect(url(plain, "a.b") == "https://s3.us-west-2.amazonaws.com/a.b/k?q=1")
    for host in ["127.0.0.1:9000", "localhost:9000", "[::1]:9000"] {
      let local = try settings(["AWS_ENDPOINT_URL_S3": "http://\(host)"])
      #expect(url(local, "media") == "http://\(host)/media/k?q=1")
    }
    try home.config("[default]\ns3 =\n  addressing_style = path")
    #expect(url(try settings(), "media") == "https://s3.us-west-2.amazonaws.com/media/k?q=1")
  }

  @Test func regionsAndSwitchesComeFromTheEnvironmentBeforeTheProfile() throws {
    try home.config(
      "[default]\nregion = eu-west-1\nuse_fips_endpoint = true\nmax_attempts = 7 # often")
    #expect(try settings().region == "eu-west-1")
    #expect(try settings(["AWS_DEFAULT_REGION": "a", "AWS_REGION": "b"]).region == "b")
    #expect(try settings().maximumAttempts == 7)
    #expect(try settings(["AWS_MAX_ATTEMPTS": "2"]).maximumAttempts == 2)
    #expect(
      try settings().endpoint(of: .kms, in: "us-east-1")
        == "https://kms-fips.us-east-1.amazonaws.com/")
    #expect(
      try settings(["AWS_USE_FIPS_ENDPOINT": "false"]).endpoint(of: .kms, in: "cn-north-1")
        == "https://kms.cn-north-1.amazonaws.com.cn/")
  }

  @Test func resourcesAreNamedInTheRegionsPartition() {
    let database = AWSResource.regional("rds", "db:core-<run>")
    #expect(database.pattern(in: "cn-north-1") == "arn:aws-cn:rds:cn-north-1:*:db:core-*")
    #expect(
      AWSResource.global("s3", "bucket/<key>").pattern(in: "us-west-2") == "arn:aws:s3:::bucket/*")
    #expect(
      AWSResource.regional("kms", "key/", nameOrARN: "arn:aws:kms:x:1:key/k").pattern(in: "y")
        == "arn:aws:kms:x:1:key/k")
  }
}
