#include "sim/sparse_bytes.h"

#include <algorithm>
#include <cstring>

namespace beachdb {

bool AllZeros(std::string_view data) {
  // Equal to itself one byte further on, and zero at the first.
  return data.empty() ||
         (data[0] == 0 && std::memcmp(data.data(), data.data() + 1, data.size() - 1) == 0);
}

void SparseBytes::Resize(std::uint64_t size) {
  if (size < size_) {
    const std::uint64_t whole = (size + kPage - 1) / kPage;
    if (pages_.size() > whole) pages_.resize(whole);
    if (size % kPage != 0) WriteZeros(size, std::min(size_, whole * kPage) - size);
  }
  size_ = size;
}

std::size_t SparseBytes::Read(std::uint64_t offset, std::span<char> out) const {
  if (offset >= size_) return 0;
  const std::size_t wanted = std::min<std::uint64_t>(out.size(), size_ - offset);
  for (std::size_t done = 0; done < wanted;) {
    const std::size_t in_page = (offset + done) % kPage;
    const std::size_t piece = std::min(kPage - in_page, wanted - done);
    if (const char* page = PageAt((offset + done) / kPage)) {
      std::memcpy(out.data() + done, page + in_page, piece);
    } else {
      std::memset(out.data() + done, 0, piece);
    }
    done += piece;
  }
  return wanted;
}

std::string SparseBytes::ToString() const {
  std::string bytes(size_, '\0');
  Read(0, bytes);
  return bytes;
}

void SparseBytes::Write(std::uint64_t offset, std::string_view data) {
  size_ = std::max(size_, offset + data.size());
  while (!data.empty()) {
    const std::size_t in_page = offset % kPage;
    const std::string_view piece = data.substr(0, kPage - in_page);
    const std::uint64_t index = offset / kPage;
    if (PageAt(index) != nullptr || !AllZeros(piece)) {
      std::memcpy(MutablePage(index) + in_page, piece.data(), piece.size());
    }
    offset += piece.size();
    data.remove_prefix(piece.size());
  }
}

void SparseBytes::WriteZeros(std::uint64_t offset, std::uint64_t size) {
  size_ = std::max(size_, offset + size);
  const std::uint64_t end = offset + size;
  while (offset < end) {
    const std::size_t in_page = offset % kPage;
    const std::size_t piece = std::min<std::uint64_t>(kPage - in_page, end - offset);
    const std::uint64_t index = offset / kPage;
    if (piece == kPage) {
      if (index < pages_.size()) pages_[index].reset();
    } else if (PageAt(index) != nullptr) {
      std::memset(MutablePage(index) + in_page, 0, piece);
    }
    offset += piece;
  }
}

const char* SparseBytes::PageAt(std::uint64_t index) const {
  return index < pages_.size() && pages_[index] != nullptr ? pages_[index]->data() : nullptr;
}

char* SparseBytes::MutablePage(std::uint64_t index) {
  if (index >= pages_.size()) pages_.resize(index + 1);
  std::shared_ptr<Page>& page = pages_[index];
  if (page == nullptr) {
    page = std::make_shared<Page>();
    page->fill(0);
  } else if (page.use_count() > 1) {
    page = std::make_shared<Page>(*page);
  }
  return page->data();
}

}  // namespace beachdb
