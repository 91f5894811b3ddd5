@main
enum Main {
  static func main() {
    print("mosaic-dr")
  }
}
