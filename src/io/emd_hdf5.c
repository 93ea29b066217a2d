/* The one door to hdf5.h. */
#include "emd_hdf5.h"

#include <hdf5.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_IMAGES = 256, MAX_JSON = 4 << 20, MAX_VISITS = 1 << 16 };
static const hsize_t max_chunk_bytes = (hsize_t)1 << 30;

struct emd_hdf5 {
    hid_t file, data;
    hid_t memory;             /* type of the samples that are read */
    struct emd_image *images; /* MAX_IMAGES */
    size_t n_images;
    long n_visits;
    const struct emd_image *chosen;
};

static void release(hid_t any)
{
    if (any >= 0)
        H5Idec_ref(any);
}

/* Type of the samples; *refusal: why it is none of ours. */
static enum lct_dtype type_of(hid_t data, const char **refusal)
{
    static const enum lct_dtype whole[2][4] = { { LCT_DTYPE_U8, LCT_DTYPE_U16, LCT_DTYPE_U32, LCT_DTYPE_U64 },
        { LCT_DTYPE_I8, LCT_DTYPE_I16, LCT_DTYPE_I32, LCT_DTYPE_I64 } };
    const hid_t type = H5Dget_type(data);
    const H5T_class_t kind = type < 0 ? H5T_NO_CLASS : H5Tget_class(type);
    const size_t bytes = type < 0 ? 0 : H5Tget_size(type);
    const int log2 = bytes == 1 ? 0 : bytes == 2 ? 1 : bytes == 4 ? 2 : bytes == 8 ? 3 : -1;
    enum lct_dtype dtype = LCT_DTYPE_UNKNOWN;
    if (kind == H5T_INTEGER && log2 >= 0)
        dtype = whole[H5Tget_sign(type) == H5T_SGN_2][log2];
    else if (kind == H5T_FLOAT && log2 >= 1)
        dtype = log2 == 1 ? LCT_DTYPE_F16 : log2 == 2 ? LCT_DTYPE_F32 : LCT_DTYPE_F64;
    *refusal = dtype != LCT_DTYPE_UNKNOWN ? NULL
        : kind == H5T_COMPOUND            ? "complex numbers"
                                          : "samples of an unknown type";
    release(type);
    return dtype;
}

/* Shape and type; false: no data set of two dimensions or more. */
static bool measure(struct emd_image *image, hid_t file)
{
    const hid_t data = H5Dopen2(file, image->path, H5P_DEFAULT);
    if (data < 0)
        return false;
    const hid_t space = H5Dget_space(data);
    image->rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
    hsize_t dims[EMD_MAX_RANK] = { 0 };
    if (image->rank >= 1 && image->rank <= EMD_MAX_RANK)
        H5Sget_simple_extent_dims(space, dims, NULL);
    for (int i = 0; i < EMD_MAX_RANK; i++)
        image->dims[i] = dims[i];
    image->dtype = type_of(data, &image->refusal);
    if (image->rank > 3)
        image->refusal = "a block of four or more dimensions";
    if (image->rank == 1)
        image->refusal = "a spectrum or profile";
    release(space);
    H5Dclose(data);
    return image->rank >= 1;
}

static struct emd_image *add(struct emd_hdf5 *emd)
{
    struct emd_image *image = emd->n_images < MAX_IMAGES ? &emd->images[emd->n_images] : NULL;
    if (image)
        *image = (struct emd_image){ .frame = -1 };
    return image;
}

/* Velox: Data/Image/<id>/Data, height x width x frames. */
static herr_t visit_velox(hid_t group, const char *name, const H5L_info_t *info, void *context)
{
    (void)group;
    (void)info;
    struct emd_hdf5 *emd = context;
    struct emd_image *image = add(emd);
    if (!image)
        return 1;
    const int n = snprintf(image->group, sizeof image->group, "Data/Image/%s", name);
    const int m = snprintf(image->path, sizeof image->path, "Data/Image/%.400s/Data", name);
    if (n < 0 || m < 0 || (size_t)n >= sizeof image->group || (size_t)m >= sizeof image->path
        || !measure(image, emd->file))
        return 0;
    image->velox = true;
    image->y = 0;
    image->x = 1;
    image->frame = image->rank == 3 ? 2 : -1;
    emd->n_images++;
    return 0;
}

static bool attribute_text(char *out, size_t size, hid_t object, const char *name)
{
    bool good = false;
    const hid_t attribute = H5Aexists(object, name) > 0 ? H5Aopen(object, name, H5P_DEFAULT) : -1;
    const hid_t type = attribute < 0 ? -1 : H5Aget_type(attribute);
    const size_t bytes = type < 0 ? 0 : H5Tget_size(type);
    char text[1025] = "", *borrowed = NULL;
    if (type >= 0 && H5Tget_class(type) == H5T_STRING && H5Aget_storage_size(attribute) < sizeof text) {
        if (H5Tis_variable_str(type) > 0) {
            good = H5Aread(attribute, type, &borrowed) >= 0 && borrowed;
            if (good)
                snprintf(out, size, "%s", borrowed);
            H5free_memory(borrowed);
        } else if (bytes < sizeof text && (good = H5Aread(attribute, type, text) >= 0))
            snprintf(out, size, "%.*s", (int)size - 1, text);
    }
    release(type);
    release(attribute);
    return good;
}

static bool is_described_group(hid_t object)
{
    int value = 0;
    const hid_t attribute =
        H5Aexists(object, "emd_group_type") > 0 ? H5Aopen(object, "emd_group_type", H5P_DEFAULT) : -1;
    if (attribute < 0)
        return false;
    const hid_t space = H5Aget_space(attribute);
    const bool one = space >= 0 && H5Sget_simple_extent_npoints(space) == 1;
    const bool good = one && H5Aread(attribute, H5T_NATIVE_INT, &value) >= 0;
    release(space);
    H5Aclose(attribute);
    return good && value == 1;
}

/* The vector that gives an axis its positions: the step is the pixel. */
static void read_axis(struct emd_axis *out, hid_t group, int number)
{
    char name[16];
    snprintf(name, sizeof name, "dim%d", number + 1);
    const hid_t data = H5Lexists(group, name, H5P_DEFAULT) > 0 ? H5Dopen2(group, name, H5P_DEFAULT) : -1;
    *out = (struct emd_axis){ .step = (double)NAN };
    if (data < 0)
        return;
    attribute_text(out->name, sizeof out->name, data, "name");
    attribute_text(out->unit, sizeof out->unit, data, "units");
    emd_clean_unit(out->unit);
    const hid_t space = H5Dget_space(data), two = H5Screate_simple(1, (hsize_t[]){ 2 }, NULL);
    double at[2] = { 0, 0 };
    hsize_t n = 0;
    if (space >= 0 && H5Sget_simple_extent_ndims(space) == 1 && H5Sget_simple_extent_dims(space, &n, NULL) == 1
        && n >= 2 && H5Sselect_hyperslab(space, H5S_SELECT_SET, (hsize_t[]){ 0 }, NULL, (hsize_t[]){ 2 }, NULL) >= 0
        && H5Dread(data, H5T_NATIVE_DOUBLE, two, space, H5P_DEFAULT, at) >= 0)
        out->step = at[1] - at[0];
    release(two);
    release(space);
    H5Dclose(data);
}

/* In a group of the NCEM convention the data set may have any name but that of an axis. */
static herr_t find_data(hid_t group, const char *name, const H5L_info_t *info, void *context)
{
    (void)group;
    (void)info;
    struct emd_hdf5 *emd = context;
    struct emd_image *image = &emd->images[emd->n_images];
    if (strncmp(name, "dim", 3) == 0)
        return 0;
    const size_t length = strlen(image->group);
    const int n = snprintf(image->path, sizeof image->path, "%s/%.200s", image->group, name);
    if (n < 0 || (size_t)n >= sizeof image->path || length + 200 > sizeof image->path)
        return 0;
    H5O_info_t what;
    if (H5Oget_info_by_name2(emd->file, image->path, &what, H5O_INFO_BASIC, H5P_DEFAULT) < 0
        || what.type != H5O_TYPE_DATASET)
        return 0;
    return measure(image, emd->file) && image->rank >= 2;
}

static herr_t visit_ncem(hid_t object, const char *name, const H5O_info_t *info, void *context)
{
    struct emd_hdf5 *emd = context;
    struct emd_image *image = info->type == H5O_TYPE_GROUP ? add(emd) : NULL;
    if (++emd->n_visits > MAX_VISITS)
        return 1;
    const hid_t group = image && strlen(name) < EMD_MAX_PATH / 2 ? H5Oopen(object, name, H5P_DEFAULT) : -1;
    if (group < 0)
        return 0;
    if (is_described_group(group)) {
        snprintf(image->group, sizeof image->group, "%s", name);
        if (H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, find_data, emd) > 0) {
            for (int i = 0; i < image->rank && i < EMD_MAX_RANK; i++)
                read_axis(&image->axes[i], group, i);
            emd_assign_axes(image->axes, image->rank, &image->x, &image->y, &image->frame);
            emd->n_images++;
        }
    }
    H5Oclose(group);
    return 0;
}

static void list_images(struct emd_hdf5 *emd)
{
    if (H5Lexists(emd->file, "Data", H5P_DEFAULT) > 0 && H5Lexists(emd->file, "Data/Image", H5P_DEFAULT) > 0) {
        const hid_t group = H5Gopen2(emd->file, "Data/Image", H5P_DEFAULT);
        if (group >= 0) {
            H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, visit_velox, emd);
            H5Gclose(group);
        }
    }
    if (emd->n_images == 0)
        H5Ovisit2(emd->file, H5_INDEX_NAME, H5_ITER_INC, visit_ncem, emd, H5O_INFO_BASIC);
}

/* The first column of its Metadata, filled up with zeros. */
char *emd_hdf5_velox_text(const struct emd_hdf5 *emd, const struct emd_image *image)
{
    char path[EMD_MAX_PATH + 16], *text = NULL;
    snprintf(path, sizeof path, "%s/Metadata", image->group);
    const hid_t data = H5Lexists(emd->file, path, H5P_DEFAULT) > 0 ? H5Dopen2(emd->file, path, H5P_DEFAULT) : -1;
    if (data < 0)
        return NULL;
    const hid_t space = H5Dget_space(data);
    hsize_t dims[2] = { 0, 0 };
    const char *refusal;
    const bool bytes = type_of(data, &refusal) == LCT_DTYPE_U8;
    if (bytes && space >= 0 && H5Sget_simple_extent_ndims(space) == 2
        && H5Sget_simple_extent_dims(space, dims, NULL) == 2 && dims[0] > 0 && dims[0] <= MAX_JSON && dims[1] > 0)
        text = calloc(1, (size_t)dims[0] + 1);
    const hid_t memory = text ? H5Screate_simple(1, dims, NULL) : -1;
    if (text
        && (memory < 0
            || H5Sselect_hyperslab(space, H5S_SELECT_SET, (hsize_t[]){ 0, 0 }, NULL, (hsize_t[]){ dims[0], 1 }, NULL)
                < 0
            || H5Dread(data, H5T_NATIVE_UCHAR, memory, space, H5P_DEFAULT, text) < 0)) {
        free(text);
        text = NULL;
    }
    release(memory);
    release(space);
    H5Dclose(data);
    return text;
}

/* Do the rows of a plane lie together in a piece, as they are? Then HDF5 without its cache reads them straight to their place. */
static bool has_whole_rows(const struct emd_image *image, const hsize_t *chunk)
{
    const bool together = image->frame < image->y || chunk[image->frame] == 1;
    return together && image->y < image->x && chunk[image->x] == image->dims[image->x];
}

/* A plane must not need more memory than the file can fill, however well it is compressed; nor must one of the pieces in which it
 * is stored. Pieces that reach over several frames are kept, or each frame would have to be unpacked again. */
static enum lct_status check_storage(
    const struct emd_hdf5 *emd, const struct emd_image *image, hid_t access, struct lct_err *err)
{
    const hsize_t plane = image->dims[image->x] * image->dims[image->y];
    hsize_t file_bytes = 0, chunk[EMD_MAX_RANK], chunk_bytes = lct_dtype_bytes(image->dtype), pieces = 1;
    if (H5Dget_storage_size(emd->data) == 0)
        return lct_fail(err, LCT_E_INPUT, "its data were never written; was the recording broken off?");
    if (H5Fget_filesize(emd->file, &file_bytes) < 0 || (double)plane > 1e5 * (double)file_bytes)
        return lct_fail(err, LCT_E_INPUT, "%llu pixels in a file of %llu bytes: the header is damaged",
            (unsigned long long)plane, (unsigned long long)file_bytes);
    const hid_t list = H5Dget_create_plist(emd->data);
    const bool chunked =
        list >= 0 && H5Pget_layout(list) == H5D_CHUNKED && H5Pget_chunk(list, EMD_MAX_RANK, chunk) == image->rank;
    const bool packed = chunked && H5Pget_nfilters(list) != 0;
    release(list);
    for (int i = 0; chunked && i < image->rank; i++) {
        chunk_bytes = chunk[i] > max_chunk_bytes ? max_chunk_bytes + 1 : chunk_bytes * chunk[i];
        if (chunk_bytes > max_chunk_bytes || chunk[i] == 0)
            return lct_fail(err, LCT_E_FORMAT, "it is stored in pieces of more than 1 GB, or the header is damaged");
        pieces *= i == image->frame ? 1 : (image->dims[i] + chunk[i] - 1) / chunk[i];
    }
    if (chunked && !packed && has_whole_rows(image, chunk))
        H5Pset_chunk_cache(access, 1, 0, 1.0);
    else if (chunked && image->frame >= 0 && chunk[image->frame] > 1 && pieces <= max_chunk_bytes / 4 / chunk_bytes)
        H5Pset_chunk_cache(access, 4 * (size_t)pieces + 1, (size_t)(pieces * chunk_bytes), 1.0);
    return LCT_OK;
}

static hid_t memory_type(enum lct_dtype *dtype)
{
    switch (*dtype) {
    case LCT_DTYPE_U8: return H5T_NATIVE_UINT8;
    case LCT_DTYPE_I8: return H5T_NATIVE_INT8;
    case LCT_DTYPE_U16: return H5T_NATIVE_UINT16;
    case LCT_DTYPE_I16: return H5T_NATIVE_INT16;
    case LCT_DTYPE_U32: return H5T_NATIVE_UINT32;
    case LCT_DTYPE_I32: return H5T_NATIVE_INT32;
    case LCT_DTYPE_U64: return H5T_NATIVE_UINT64;
    case LCT_DTYPE_I64: return H5T_NATIVE_INT64;
    case LCT_DTYPE_F64: return H5T_NATIVE_DOUBLE;
    default: *dtype = LCT_DTYPE_F32; return H5T_NATIVE_FLOAT; /* half floats too: HDF5 widens them */
    }
}

/* Samples as C knows them, in this or the other order? Else HDF5 converts them. */
static bool is_plain_type(bool *swap, hid_t data, hid_t memory)
{
    const hid_t type = H5Dget_type(data), turned = H5Tcopy(memory);
    H5Tset_order(turned, H5Tget_order(memory) == H5T_ORDER_LE ? H5T_ORDER_BE : H5T_ORDER_LE);
    const bool same = H5Tequal(type, memory) > 0, other = H5Tequal(type, turned) > 0;
    H5Tclose(turned);
    H5Tclose(type);
    *swap = other && !same;
    return same || other;
}

bool emd_hdf5_plain(const struct emd_hdf5 *emd, uint64_t *at, bool *swap)
{
    const hid_t list = H5Dget_create_plist(emd->data);
    const bool in_one = list >= 0 && H5Pget_layout(list) == H5D_CONTIGUOUS && H5Pget_external_count(list) == 0;
    const haddr_t address = in_one ? H5Dget_offset(emd->data) : HADDR_UNDEF;
    release(list);
    if (address == HADDR_UNDEF || !is_plain_type(swap, emd->data, emd->memory))
        return false;
    *at = address;
    return true;
}

enum lct_status emd_hdf5_choose(
    struct emd_hdf5 *emd, const struct emd_image *image, enum lct_dtype *dtype, struct lct_err *err)
{
    const hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
    emd->data = H5Dopen2(emd->file, image->path, H5P_DEFAULT);
    const enum lct_status status = emd->data < 0
        ? lct_fail(err, LCT_E_INPUT, "its data cannot be opened; the file is damaged")
        : check_storage(emd, image, access, err);
    if (status == LCT_OK) { /* again, with the cache it needs */
        H5Dclose(emd->data);
        emd->data = H5Dopen2(emd->file, image->path, access);
        emd->chosen = image;
        *dtype = image->dtype;
        emd->memory = memory_type(dtype);
    }
    H5Pclose(access);
    return status;
}

enum lct_status emd_hdf5_open(struct emd_hdf5 **out, const char *path, struct lct_err *err)
{
    struct emd_hdf5 *emd = calloc(1, sizeof *emd);
    *out = NULL;
    if (!emd)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    *emd = (struct emd_hdf5){ .file = -1, .data = -1, .images = calloc(MAX_IMAGES, sizeof *emd->images) };
    if (!emd->images) {
        emd_hdf5_close(&emd);
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    }
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* or it prints */
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_file_locking(access, false, true); /* folders of others may not be locked in */
    emd->file = H5Fopen(path, H5F_ACC_RDONLY, access);
    H5Pclose(access);
    if (emd->file < 0) {
        emd_hdf5_close(&emd);
        return lct_fail(err, LCT_E_INPUT, "the HDF5 file is damaged or was cut off");
    }
    list_images(emd);
    *out = emd;
    return LCT_OK;
}

void emd_hdf5_close(struct emd_hdf5 **file)
{
    struct emd_hdf5 *emd = *file;
    if (!emd)
        return;
    release(emd->data);
    if (emd->file >= 0)
        H5Fclose(emd->file);
    free(emd->images);
    free(emd);
    *file = NULL;
}

const struct emd_image *emd_hdf5_images(const struct emd_hdf5 *emd, size_t *n)
{
    *n = emd->n_images;
    return emd->images;
}

bool emd_hdf5_read(const struct emd_hdf5 *emd, long index, unsigned char *plane)
{
    const struct emd_image *image = emd->chosen;
    hsize_t start[EMD_MAX_RANK] = { 0 }, count[EMD_MAX_RANK];
    for (int i = 0; i < image->rank; i++)
        count[i] = image->dims[i];
    if (image->frame >= 0) {
        start[image->frame] = (hsize_t)index;
        count[image->frame] = 1;
    }
    const hid_t space = H5Dget_space(emd->data), memory = H5Screate_simple(image->rank, count, NULL);
    const bool good = space >= 0 && memory >= 0
        && H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0
        && H5Dread(emd->data, emd->memory, memory, space, H5P_DEFAULT, plane) >= 0;
    release(memory);
    release(space);
    return good;
}

void emd_hdf5_version(char text[48])
{
    unsigned major = 0, minor = 0, release = 0;
    H5get_libversion(&major, &minor, &release);
    snprintf(text, 48, "%u.%u.%u", major, minor, release);
}
