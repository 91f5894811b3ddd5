// Fetches N pages with libcurl alone: the multi interface, kept connections, bodies dropped.
// fetch_pages URL-PREFIX PAGES CONNECTIONS [FIELDS [AUTHORITIES]]: fetches URL-PREFIX0000, URL-PREFIX0001 … each
// twice, with the header fields that stand in FIELDS, one a line.
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static size_t total;

static size_t drop(char *bytes, size_t size, size_t count, void *context) {
  (void)bytes;
  (void)context;
  total += size * count;
  return size * count;
}

static int start(CURL *easy, CURLM *multi, const char *prefix, int page) {
  char url[512];
  snprintf(url, sizeof url, "%s%04d", prefix, page);
  curl_easy_setopt(easy, CURLOPT_URL, url);
  return curl_multi_add_handle(multi, easy) == CURLM_OK;
}

int main(int count, char **words) {
  if (count < 4 || count > 6) return 2;
  int pages = atoi(words[2]), width = atoi(words[3]), next = 0, done = 0, failed = 0, running;
  int all = pages * 2;
  struct timespec from, to;
  clock_gettime(CLOCK_MONOTONIC, &from);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  struct curl_slist *fields = NULL;
  for (char *line = count > 4 ? strtok(words[4], "\n") : NULL; line; line = strtok(NULL, "\n"))
    fields = curl_slist_append(fields, line);
  CURLM *multi = curl_multi_init();
  for (int i = 0; i < width && next < all; i++) {
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 128L << 10);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fields);
    if (count == 6) curl_easy_setopt(easy, CURLOPT_CAINFO, words[5]);
    start(easy, multi, words[1], next++ / 2);
  }
  while (done < all) {
    curl_multi_perform(multi, &running);
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left))) {
      if (message->msg != CURLMSG_DONE) continue;
      CURL *easy = message->easy_handle;
      long status = 0;
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      failed += message->data.result != CURLE_OK || status != 200;
      done++;
      curl_multi_remove_handle(multi, easy);
      if (next < all) start(easy, multi, words[1], next++ / 2);
      else curl_easy_cleanup(easy);
    }
    if (done < all) curl_multi_poll(multi, NULL, 0, 1000, NULL);
  }
  clock_gettime(CLOCK_MONOTONIC, &to);
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  long wall = (to.tv_sec - from.tv_sec) * 1000000L + (to.tv_nsec - from.tv_nsec) / 1000;
  long cpu = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000L
             + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
  printf("{\"bytes\": %zu, \"cpu_us\": %ld, \"failed\": %d, \"pages\": %d, \"peak_kib\": %ld, "
         "\"wall_us\": %ld}\n", total, cpu, failed, done, usage.ru_maxrss, wall);
  return failed != 0;
}
