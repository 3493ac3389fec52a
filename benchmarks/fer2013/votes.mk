# The networks that learned from the votes of FER+, and the second round of those that teach FER-2013's labels.
#
#     make -f votes.mk folds      # ten networks, each on four fifths of the images, and what they say of the fifth
#     make -f votes.mk compared   # compact on the majority of the votes, their shares, and both by half: three seeds
#     make -f votes.mk plus       # those with the eight emotions of FER+
#     make -f votes.mk taught     # those with FER-2013's seven
#     make -f votes.mk scores     # of all that are there
#
# What the folds said is in ../results, so that the others can be made without them. A network that is there is not made
# again. Beside each other on one GPU, with -j 8 -k:
#
#     export KERAS_BACKEND=jax XLA_PYTHON_CLIENT_PREALLOCATE=false
#     export JAX_COMPILATION_CACHE_DIR=compiled JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS=0
#
# JAX tries out kernels while it compiles, which takes half a minute on an idle GPU, and minutes on one that others use.
# With WAIT=45 the networks of one kind wait so long for the first of them, which compiles for all.

PYTHON ?= python
DATA ?= fer2013.csv
VOTES ?= fer2013new.csv
MADE ?= made
WAIT ?= 0
# To try it out: some of the images, and few epochs.
LIMIT ?=
EPOCHS ?=

RESULTS := ../results
FIRST_UNSEEN := $(RESULTS)/fer2013_unseen.npy
SECOND_UNSEEN := $(RESULTS)/fer2013_second_unseen.npy
PLUS_UNSEEN := $(RESULTS)/ferplus_unseen.npy
COMBINED := $(RESULTS)/fer2013_combined.npy

NUMBERS := 0 1 2 3 4
SECOND := $(NUMBERS:%=$(MADE)/second_fold_%.npy)
PLUS := $(NUMBERS:%=$(MADE)/plus_fold_%.npy)
SOME := $(LIMIT:%=--limit %)
TRY := $(SOME) $(EPOCHS:%=--epochs %)
VOTED := --votes $(VOTES) --unseen $(PLUS_UNSEEN)
TAUGHT := --unseen $(COMBINED)
files = $(1:%=$(MADE)/%.safetensors)

.PHONY: folds compared plus taught scores
.SUFFIXES:

$(SECOND): $(MADE)/second_fold_%.npy: | $(MADE)
	test $* = 0 || sleep $(WAIT)
	$(PYTHON) cross_fit.py vgg_fold_taught.toml $(DATA) $@ --fold $* --unseen $(FIRST_UNSEEN) $(TRY) \
		--log $(@:.npy=.csv) > $(@:.npy=.log) 2>&1

$(PLUS): $(MADE)/plus_fold_%.npy: | $(MADE)
	test $* = 0 || sleep $(WAIT)
	$(PYTHON) cross_fit.py plus_fold.toml $(DATA) $@ --fold $* --votes $(VOTES) $(TRY) \
		--log $(@:.npy=.csv) > $(@:.npy=.log) 2>&1

folds: $(SECOND) $(PLUS)
	$(PYTHON) join_folds.py $(SECOND_UNSEEN) $(SECOND)
	$(PYTHON) join_folds.py $(PLUS_UNSEEN) $(PLUS)
	$(PYTHON) combine.py $(DATA) $(COMBINED) --votes $(VOTES) $(SOME) \
		--unseen $(FIRST_UNSEEN) $(SECOND_UNSEEN) $(PLUS_UNSEEN)

# $(call network,NAME,CONFIGURATION,OPTIONS,yes IF IT IS THE FIRST OF ITS KIND)
define network
$(MADE)/$(1).safetensors: | $(MADE)
	$(if $(4),,sleep $(WAIT))
	$(PYTHON) train.py $(2).toml $(DATA) $$@ $(3) $(TRY) --unwatched --log $(MADE)/$(1).csv > $(MADE)/$(1).log 2>&1
endef

COMPARED :=
define compare
COMPARED += compact_majority_$(1) compact_half_$(1) compact_probability_$(1)
$(call network,compact_majority_$(1),compact_votes,--votes $(VOTES) --distillation-weight 0 --seed $(1),$(2))
$(call network,compact_half_$(1),compact_votes,--votes $(VOTES) --distillation-weight 0.5 --seed $(1))
$(call network,compact_probability_$(1),compact_votes,--votes $(VOTES) --distillation-weight 1 --seed $(1))
endef
$(eval $(call compare,0,yes))
$(eval $(call compare,1))
$(eval $(call compare,2))
compared: $(call files,$(COMPARED))

$(eval $(call network,plus,plus,$(VOTED),yes))
$(eval $(call network,plus_balanced,plus_balanced,$(VOTED),yes))
$(eval $(call network,plus_wide,plus_wide,$(VOTED),yes))
$(eval $(call network,compact_plus,compact_plus,$(VOTED)))
plus: $(call files,plus plus_balanced plus_wide compact_plus)

$(eval $(call network,best_voted,best,$(TAUGHT),yes))
$(eval $(call network,best_voted_more,best,$(TAUGHT) --distillation-weight 0.75 --seed 3))
$(eval $(call network,best_second,best,--unseen $(FIRST_UNSEEN) $(SECOND_UNSEEN)))
$(eval $(call network,wide_voted,vgg_wide,$(TAUGHT),yes))
$(eval $(call network,deep_voted,vgg_deep,$(TAUGHT),yes))
$(eval $(call network,compact_voted,compact,$(TAUGHT),yes))
taught: $(call files,best_voted best_voted_more best_second wide_voted deep_voted compact_voted)

# Not trained to the end yet: the GPU's time was over.
$(eval $(call network,gated_voted,resnet_gated,$(TAUGHT),yes))
$(eval $(call network,long_voted,best_long,$(TAUGHT)))
$(eval $(call network,erased_voted,vgg_erased,$(TAUGHT),yes))

$(MADE)/%.public.npy: $(MADE)/%.safetensors
	JAX_DEFAULT_MATMUL_PRECISION=highest $(PYTHON) predict.py $(DATA) $< $@ --views none flip ten_crop > $(@:.npy=.log) 2>&1

PREDICTED := $(patsubst %.safetensors,%.public.npy,$(wildcard $(MADE)/*.safetensors))
scores: $(PREDICTED)
	$(PYTHON) score_predictions.py $(DATA) $(VOTES) $(RESULTS)/votes.csv $(PREDICTED)

$(MADE):
	mkdir -p $@
