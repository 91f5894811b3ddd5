import Testing

@testable import Recoveries

@Suite struct ShellTextTests {
  @Test(arguments: [
    ("plain-word_1./:=,@%+", "plain-word_1./:=,@%+"), ("", "''"), ("two words", "'two words'"),
    ("it's", "'it'\\''s'"), ("$HOME", "'$HOME'"), ("a < b > c", "'a < b > c'"),
    ("select '<1>'", "'select '\\''<1>'\\'''"),
    ("<automated backups>", "\"${automated_backups}\""),
    ("host=<address> \"$x\"", "\"host=${address} \\\"\\$x\\\"\""),
    ("PGPASSWORD=<${SECRET}>", "\"PGPASSWORD=${SECRET}\""),
  ])
  func wordsAreReadBackByAShell(word: String, quoted: String) {
    #expect(ShellText.word(word) == quoted)
  }

  @Test(arguments: [
    (#"{"a": "$1 `b` \n"}"#, #"<<'EOF'|{"a": "$1 `b` \n"}|EOF"#),
    (#"{"a": "<backup> $1 \n"}"#, #"<<EOF|{"a": "${backup} \$1 \\n"}|EOF"#),
  ])
  func documentsAreReadBackByAShell(text: String, document: String) {
    #expect(ShellText.document(text) == document.replacing("|", with: "\n"))
  }

  @Test func aLongCommandHasItsOptionsOneALine() {
    let words = ["aws", "rds", "x"] + (1...9).flatMap { ["--option-\($0)", "value"] }
    let lines = ShellText.command(words).split(separator: "\n")
    #expect(lines.count == 10)
    #expect(lines.dropLast().allSatisfy { $0.hasSuffix(" \\") })
  }
}
