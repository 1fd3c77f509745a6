#include "sstable/block_batch.h"

#include <optional>
#include <utility>

#include "base/check.h"

namespace beachdb {

std::size_t BlockBatch::Add(Table& table, std::uint32_t i) {
  for (std::size_t place = 0; place < count_; ++place) {
    if (items_[place].table == &table && items_[place].number == i) return place;
  }
  CHECK(count_ < kBlocksMax);
  items_[count_].table = &table;
  items_[count_].number = i;
  return count_++;
}

Result<BlockRef> BlockBatch::Take(std::size_t place) {
  Item& item = items_[place];
  const BlockCache& cache = item.table->cache_;
  if (!std::exchange(item.taken, true)) {
    cache.CountMiss();
  } else if (item.block.ok()) {
    cache.CountHit(*item.block.value().block());
  }
  return item.block;
}

CoveringRange BlockBatch::RangeOf(const Item& item) {
  const BlockHandle handle = item.table->index_.block(item.number);
  return {*item.table->file_, handle.offset, handle.size};
}

void BlockBatch::Read() {
  std::optional<ReadBuffer> buffer;  // only where a file demands alignment
  Round round;
  for (Item& item : Items()) {
    const Status possible = item.table->CheckBlockSize(item.number);
    if (!possible.ok()) {
      item.block = possible.error();
      continue;
    }
    const CoveringRange range = RangeOf(item);
    if (item.table->file_->alignment() == 1) {
      Start(item, range, nullptr, round);
      continue;
    }
    if (range.size > kReadBufferSize) {
      item.block = item.table->ReadBlock(item.number);
      continue;
    }
    if (!buffer.has_value()) buffer.emplace();
    if (round.used + range.size > kReadBufferSize) Finish(round);
    Start(item, range, buffer->data() + round.used, round);
    round.used += range.size;
  }
  Finish(round);
  if (fill_cache_) Publish();
}

void BlockBatch::Start(Item& item, const CoveringRange& range, char* memory, Round& round) {
  item.memory = memory;
  if (memory == nullptr) {
    item.block = item.table->AllocateStored(item.number);
    memory = item.block.value().block()->mutable_data();
  }
  round.items[round.count] = &item;
  round.requests[round.count++] = {
      .file = item.table->file_.get(), .offset = range.begin, .out = {memory, range.size}};
}

void BlockBatch::Finish(Round& round) {
  fs_.ReadMany({round.requests.data(), round.count});
  for (std::size_t i = 0; i < round.count; ++i) {
    Item& item = *round.items[i];
    const Result<std::size_t>& got = round.requests[i].got;
    if (item.memory == nullptr) {
      item.block = item.table->KeepBlock(item.number, std::move(item.block).value(), got);
    } else {
      item.block = item.table->CopyBlock(item.number, RangeOf(item), item.memory, got);
    }
  }
  round.count = 0;
  round.used = 0;
}

void BlockBatch::Publish() {
  for (Item& item : Items()) {
    if (!item.block.ok() || !item.table->Admits(item.number)) continue;
    item.block = item.table->cache_.Insert(item.table->slots_[item.number],
                                           std::move(item.block).value(), CachePriority::kNormal);
  }
}

}  // namespace beachdb
