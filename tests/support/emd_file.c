#include "emd_file.h"

#include <assert.h>
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static hid_t begin(const char *path)
{
    const hid_t list = H5Pcreate(H5P_FILE_CREATE), file = H5Fcreate(path, H5F_ACC_TRUNC, list, H5P_DEFAULT);
    assert(file >= 0);
    H5Pclose(list);
    return file;
}

static hid_t group(hid_t parent, const char *name)
{
    return H5Gcreate2(parent, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
}

static void write_data(hid_t parent, const char *name, hid_t type, int rank, const hsize_t *dims, const hsize_t *chunk,
    bool packed, const void *bytes)
{
    const hid_t space = H5Screate_simple(rank, dims, NULL), list = H5Pcreate(H5P_DATASET_CREATE);
    if (chunk)
        H5Pset_chunk(list, rank, chunk);
    if (packed)
        H5Pset_deflate(list, 4);
    const hid_t data = H5Dcreate2(parent, name, type, space, H5P_DEFAULT, list, H5P_DEFAULT);
    assert(data >= 0);
    H5Dwrite(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes);
    H5Dclose(data);
    H5Pclose(list);
    H5Sclose(space);
}

static void write_metadata(hid_t image, const char *detector)
{
    char text[1024] = "";
    snprintf(text, sizeof text,
        "{\"BinaryResult\": {\"Detector\": \"%s\", \"PixelSize\": {\"width\": \"5e-11\", \"height\": \"5e-11\"}, "
        "\"PixelUnitX\": \"m\"}, \"Scan\": {\"FrameTime\": \"0.5\"}, \"Detectors\": {\"Detector-0\": "
        "{\"DetectorName\": \"BM-Ceta\", "
        "\"ExposureTime\": \"0.25\"}}}",
        detector);
    write_data(image, "Metadata", H5T_NATIVE_UINT8, 2, (hsize_t[]){ sizeof text, 1 }, NULL, false, text);
}

void emd_write_velox(const char *path, const struct micro *m, bool packed)
{
    const hid_t file = begin(path), data = group(file, "Data"), images = group(data, "Image");
    const hid_t one = group(images, "0a"), other = group(images, "0b");
    uint16_t *samples = calloc((size_t)m->width * (size_t)m->height * (size_t)m->frames, sizeof *samples);
    assert(samples);
    for (int y = 0; y < m->height; y++)
        for (int x = 0; x < m->width; x++)
            for (int f = 0; f < m->frames; f++)
                samples[(y * m->width + x) * m->frames + f] = (uint16_t)micro_value(m, x, y, f);
    const hsize_t dims[] = { (hsize_t)m->height, (hsize_t)m->width, (hsize_t)m->frames };
    const hsize_t chunk[] = { dims[0], dims[1], packed && m->frames > 1 ? 2 : 1 };
    write_data(one, "Data", H5T_STD_U16LE, 3, dims, chunk, packed, samples);
    write_metadata(one, "HAADF");
    const hid_t complex = H5Tcreate(H5T_COMPOUND, 8);
    H5Tinsert(complex, "realFloat", 0, H5T_IEEE_F32LE);
    H5Tinsert(complex, "imagFloat", 4, H5T_IEEE_F32LE);
    write_data(other, "Data", complex, 3, (hsize_t[]){ 1, 1, 1 }, NULL, false, samples);
    write_metadata(other, "DPC");
    H5Tclose(complex);
    free(samples);
    H5Gclose(one);
    H5Gclose(other);
    H5Gclose(images);
    H5Gclose(data);
    H5Fclose(file);
}

static void write_attribute(hid_t object, const char *name, const char *text)
{
    const hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
    H5Tset_size(type, strlen(text) + 1);
    const hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(attribute, type, text);
    H5Aclose(attribute);
    H5Sclose(space);
    H5Tclose(type);
}

static void write_axis(hid_t where, int number, const struct micro *m, char letter)
{
    const int n = letter == 'x' ? m->width : letter == 'y' ? m->height : m->frames;
    const double step = letter == 'x' ? 0.05 : letter == 'y' ? 0.1 : 250;
    double *at = calloc((size_t)n, sizeof *at);
    char name[8], word[2] = { letter, '\0' };
    assert(at);
    for (int i = 0; i < n; i++)
        at[i] = step * i;
    snprintf(name, sizeof name, "dim%d", number);
    write_data(where, name, H5T_IEEE_F64LE, 1, (hsize_t[]){ (hsize_t)n }, NULL, false, at);
    free(at);
    const hid_t data = H5Dopen2(where, name, H5P_DEFAULT);
    write_attribute(data, "name", word);
    write_attribute(data, "units", letter == 'z' ? "ms" : "[n_m]");
    H5Dclose(data);
}

void emd_write_ncem(const char *path, const struct micro *m, const char *names, bool pieces)
{
    const hid_t file = begin(path), data = group(file, "data"), movie = group(data, "movie");
    const int rank = (int)strlen(names), one = 1;
    hsize_t dims[3] = { 0 }, chunk[3] = { 0 }, total = 1;
    for (int i = 0; i < rank; i++) {
        dims[i] = (hsize_t)(names[i] == 'x' ? m->width : names[i] == 'y' ? m->height : m->frames);
        chunk[i] = names[i] == 'y' ? 2 : dims[i];
        total *= dims[i];
        write_axis(movie, i + 1, m, names[i]);
    }
    float *samples = calloc((size_t)total, sizeof *samples);
    assert(samples);
    for (hsize_t k = 0; k < total; k++) {
        int at[256] = { 0 };
        hsize_t rest = k;
        for (int i = rank - 1; i >= 0; i--) {
            at[(unsigned char)names[i]] = (int)(rest % dims[i]);
            rest /= dims[i];
        }
        samples[k] = (float)micro_value(m, at['x'], at['y'], at['z']);
    }
    write_data(movie, "data", H5T_IEEE_F32LE, rank, dims, pieces ? chunk : NULL, false, samples);
    free(samples);
    const hid_t space = H5Screate(H5S_SCALAR);
    const hid_t attribute = H5Acreate2(movie, "emd_group_type", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(attribute, H5T_NATIVE_INT, &one);
    H5Aclose(attribute);
    H5Sclose(space);
    H5Gclose(movie);
    H5Gclose(data);
    H5Fclose(file);
}
